"""What single values of a spreadsheet mean."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.season.reading.cells import date_of, flag_of, text_of, time_of

DAY = datetime(2026, 9, 5, tzinfo=UTC).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("  ", None),
        (time(17, 59, 45), time(18)),
        (DAY.replace(hour=7, minute=15), time(7, 15)),
        (timedelta(hours=7, minutes=15), time(7, 15)),
        (timedelta(days=1), time(0)),
        (0.75, time(18)),
        (0, time(0)),
        (18, time(18)),
        (18.0, time(18)),
        ("18:00", time(18)),
        ("8.30", time(8, 30)),
        ("18", time(18)),
        ("18 h", time(18)),
        ("18:30 hod.", time(18, 30)),
        ("18:00:00", time(18)),
        ("24:00", time(0)),
    ],
)
def test_times(value: object, expected: time | None) -> None:
    assert time_of(value) == expected


@pytest.mark.parametrize("value", ["večer", "18:60", "25:00", "8-10", "1:2:3:4", 18.3, 25, -1, float("inf"), True])
def test_no_times(value: object) -> None:
    with pytest.raises(ValueError, match=r".*"):
        time_of(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        (DAY, date(2026, 9, 5)),
        (date(2026, 9, 5), date(2026, 9, 5)),
        (46270, date(2026, 9, 5)),
        ("5.9.2026", date(2026, 9, 5)),
        (" 5. 9. 2026 ", date(2026, 9, 5)),
        ("05/09/2026", date(2026, 9, 5)),
        ("2026-09-05", date(2026, 9, 5)),
        ("2026-09-05 00:00:00", date(2026, 9, 5)),
    ],
)
def test_dates(value: object, expected: date | None) -> None:
    assert date_of(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "5.9.",
        "31.2.2026",
        "5.9.26",
        "září",
        date(1900, 1, 1),
        date(2206, 9, 5),
        0.5,
        20260905,
        float("nan"),
        True,
        time(9),
    ],
)
def test_no_dates(value: object) -> None:
    with pytest.raises(ValueError, match=r".*"):
        date_of(value)


@pytest.mark.parametrize("value", [1, 1.0, True, "1", "ano", "Ano", "ANO", "yes", "true", "x"])
def test_yes(value: object) -> None:
    assert flag_of(value) is True


@pytest.mark.parametrize("value", [0, False, "0", "ne", "Ne", "no", "false", "-"])
def test_no(value: object) -> None:
    assert flag_of(value) is False


def test_neither_yes_nor_no() -> None:
    assert flag_of(None) is None
    with pytest.raises(ValueError, match="mozna"):
        flag_of("možná")


@pytest.mark.parametrize(
    ("value", "text"),
    [(777000101, "777000101"), (777000101.0, "777000101"), (2.5, "2.5"), (DAY, "5.9.2026"), (time(9, 5), "09:05")],
)
def test_any_value_as_text(value: object, text: str) -> None:
    assert text_of(value) == text


@given(st.none() | st.text() | st.integers() | st.floats() | st.times() | st.timedeltas() | st.datetimes() | st.dates())
def test_a_cell_is_read_or_refused_but_breaks_nothing(value: object) -> None:
    text_of(value)
    for reader in (date_of, time_of, flag_of):
        try:
            reader(value)
        except ValueError:
            continue
