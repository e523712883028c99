"""Days of a series, and the clock on the wall."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.rules.recurrence import LONGEST, Weekly, days, occurrences, problem
from events.tests.factories import PRAGUE

MONDAY = date(2027, 3, 1)


def test_chosen_days_of_every_week():
    pattern = Weekly(MONDAY + timedelta(days=1), MONDAY + timedelta(days=14), [0, 2])
    assert days(pattern) == [date(2027, 3, 3), date(2027, 3, 8), date(2027, 3, 10), date(2027, 3, 15)]


def test_every_second_week_counts_from_the_first():
    assert days(Weekly(MONDAY, MONDAY + timedelta(days=30), [4], interval=2)) == [
        date(2027, 3, 5), date(2027, 3, 19),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "pattern",
    [
        Weekly(MONDAY, MONDAY, []),
        Weekly(MONDAY, MONDAY, [7]),
        Weekly(MONDAY, MONDAY - timedelta(days=1), [0]),
        Weekly(MONDAY, MONDAY, [3]),
        Weekly(MONDAY, MONDAY, [0], interval=0),
        Weekly(MONDAY, MONDAY, [0], interval=53),
        Weekly(MONDAY, MONDAY + timedelta(days=5000), range(7)),
    ],
)
def test_what_makes_no_series(pattern):
    assert problem(pattern)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 600), st.sets(st.integers(0, 6)), st.integers(1, 5))
def test_days_are_ordered_within_bounds_and_on_the_weekdays(first, length, weekdays, interval):
    pattern = Weekly(first, first + timedelta(days=length), weekdays, interval)
    found = days(pattern)
    assert found == sorted(set(found))
    assert len(found) <= LONGEST
    assert all(first <= day <= pattern.until and day.weekday() in weekdays for day in found)


def test_the_wall_clock_stays_over_the_change_of_the_clocks():
    start = datetime(2027, 3, 21, 22, 0, tzinfo=PRAGUE)
    moved = occurrences([date(2027, 3, 21), date(2027, 3, 28)], start, start + timedelta(hours=4), PRAGUE)
    assert [row.start.astimezone(PRAGUE).hour for row in moved] == [22, 22]
    assert [row.end.astimezone(PRAGUE).hour for row in moved] == [2, 2]
    assert moved[1].start - moved[0].start == timedelta(days=7) - timedelta(hours=1)


def test_a_night_that_loses_an_hour_keeps_an_end_after_its_start():
    start = datetime(2027, 3, 20, 2, 30, tzinfo=PRAGUE)
    moved = occurrences([date(2027, 3, 28)], start, start + timedelta(minutes=30), PRAGUE)[0]
    assert moved.end - moved.start == timedelta(minutes=30)


@given(
    st.integers(0, 3650 * 24 * 60).map(lambda minutes: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)),
    st.timedeltas(timedelta(minutes=1), timedelta(days=3)),
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
)
def test_an_end_is_always_after_its_start(start, length, day):
    moved = occurrences([day], start, start + length, PRAGUE)[0]
    assert moved.end > moved.start
