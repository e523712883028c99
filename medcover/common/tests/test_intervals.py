"""Half-open spans, hours that really pass, days of the local calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcover.common.intervals import between, day_bounds, hours, local_day, overlaps, widened

PRAGUE = ZoneInfo("Europe/Prague")
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
WALL_2000, WALL_2100 = (datetime(year, 1, 1, tzinfo=UTC).replace(tzinfo=None) for year in (2000, 2100))
moments = st.datetimes(WALL_2000, WALL_2100, timezones=st.sampled_from([UTC, PRAGUE]))


def after(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def test_spans_that_touch_do_not_overlap() -> None:
    assert not overlaps(after(0), after(60), after(60), after(120))
    assert overlaps(after(0), after(61), after(60), after(120))


def test_an_empty_span_overlaps_nothing() -> None:
    assert not overlaps(after(30), after(30), after(0), after(60))


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        overlaps(WALL_2000, after(60), after(0), after(60))


def test_between_two_spans_lies_the_free_time_whichever_comes_first() -> None:
    early, late = (after(0), after(60)), (after(90), after(120))
    assert between(*early, *late) == between(*late, *early) == (after(60), after(90))


def test_between_spans_that_touch_lies_an_empty_time_and_none_between_those_that_overlap() -> None:
    assert between(after(0), after(60), after(60), after(120)) == (after(60), after(60))
    assert between(after(0), after(61), after(60), after(120)) is None
    assert between(after(0), after(120), after(30), after(60)) is None


@given(moments, moments, moments, moments)
def test_spans_have_time_between_them_or_overlap(a: datetime, b: datetime, c: datetime, d: datetime) -> None:
    first, second = sorted([a, b]), sorted([c, d])
    if first[0] < first[1] and second[0] < second[1]:
        assert (between(*first, *second) is None) is overlaps(*first, *second)


def test_a_wider_span_knows_the_night_in_which_the_clocks_change() -> None:
    start = datetime(2027, 3, 27, 20, tzinfo=PRAGUE)
    _start, end = widened(start, start.replace(hour=22), timedelta(hours=8))
    # 22:00 and eight hours that pass is 7:00: the hour from two to three does not exist.
    assert end.astimezone(PRAGUE) == datetime(2027, 3, 28, 7, tzinfo=PRAGUE)


@given(moments, moments, moments, moments)
def test_overlap_is_mutual(a: datetime, b: datetime, c: datetime, d: datetime) -> None:
    assert overlaps(a, b, c, d) == overlaps(c, d, a, b)


@given(moments, st.integers(1, 10_000), moments)
def test_a_span_cut_in_two_does_not_overlap_itself(start: datetime, minutes: int, cut: datetime) -> None:
    end = start.astimezone(UTC) + timedelta(minutes=minutes)
    assert not overlaps(start, cut, cut, end)


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(330, "5.5"), (3, "0.1"), (2, "0.0"), (9, "0.2"), (15, "0.3"), (60, "1.0"), (-90, "-1.5")],
)
def test_hours_are_rounded_half_up_to_a_tenth(minutes: int, expected: str) -> None:
    assert hours(after(0), after(minutes)) == Decimal(expected)


def test_hours_count_what_passes_when_the_clock_changes() -> None:
    spring = (datetime(2027, 3, 27, 22, tzinfo=PRAGUE), datetime(2027, 3, 28, 6, tzinfo=PRAGUE))
    autumn = (datetime(2026, 10, 24, 22, tzinfo=PRAGUE), datetime(2026, 10, 25, 6, tzinfo=PRAGUE))
    assert hours(*spring) == Decimal(7)
    assert hours(*autumn) == Decimal(9)


def test_the_local_day_is_the_day_on_the_wall() -> None:
    assert local_day(datetime(2026, 11, 27, 23, 30, tzinfo=UTC), PRAGUE) == date(2026, 11, 28)
    with pytest.raises(ValueError, match="time zone"):
        local_day(WALL_2000, PRAGUE)


@pytest.mark.parametrize(
    ("day", "length"),
    [(date(2026, 11, 28), 24), (date(2027, 3, 28), 23), (date(2026, 10, 25), 25)],
)
def test_a_day_is_as_long_as_it_is(day: date, length: int) -> None:
    start, end = day_bounds(day, PRAGUE)
    assert end - start == timedelta(hours=length)


def test_a_day_without_midnight_begins_when_it_begins() -> None:
    # In Cairo summer time begins at midnight: 0:00 becomes 1:00.
    start, end = day_bounds(date(2026, 4, 24), ZoneInfo("Africa/Cairo"))
    assert start.astimezone(ZoneInfo("Africa/Cairo")).hour == 1
    assert end - start == timedelta(hours=23)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.sampled_from([PRAGUE, ZoneInfo("Africa/Cairo"), UTC]))
def test_days_follow_one_another_and_hold_their_own_moments(day: date, zone: ZoneInfo) -> None:
    start, end = day_bounds(day, zone)
    assert end == day_bounds(day + timedelta(days=1), zone)[0]
    assert local_day(start, zone) == day
    assert local_day(end - timedelta(microseconds=1), zone) == day
