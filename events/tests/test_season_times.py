"""From the clock on the wall to moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.season.matching.staffing import HOUR_LEFT_OUT, HOUR_TWICE, clock_doubts, span
from events.tests.factories import PRAGUE

SUMMER = date(2026, 7, 4)
BACK = date(2026, 10, 25)  # three o'clock becomes two
FORWARD = date(2027, 3, 28)  # two o'clock becomes three

clocks = st.times(max_value=time(23, 59)).map(lambda clock: clock.replace(second=0, microsecond=0))


def local(moment: datetime) -> str:
    return moment.astimezone(PRAGUE).strftime("%d.%m. %H:%M")


class TestSpan:
    def test_keeps_the_times_of_a_plain_day(self):
        start, end = span(SUMMER, time(9), time(17, 30), PRAGUE)
        assert (start, end) == (datetime(2026, 7, 4, 7, tzinfo=UTC), datetime(2026, 7, 4, 15, 30, tzinfo=UTC))

    def test_an_unknown_end_is_two_hours_later(self):
        start, end = span(SUMMER, time(23), None, PRAGUE)
        assert local(end) == "05.07. 01:00"
        assert end - start == timedelta(hours=2)

    def test_an_unknown_start_is_midnight(self):
        assert [local(moment) for moment in span(SUMMER, None, time(4, 45), PRAGUE)] == ["04.07. 00:00", "04.07. 04:45"]

    @pytest.mark.parametrize("end", [time(1, 30), time(20), time(0)])
    def test_an_end_that_is_not_after_the_start_is_on_the_next_day(self, end):
        start, finish = span(SUMMER, time(20), end, PRAGUE)
        assert local(finish) == f"05.07. {end:%H:%M}"
        assert finish > start

    def test_the_night_that_is_an_hour_longer(self):
        start, end = span(date(2026, 10, 24), time(22), time(4), PRAGUE)
        assert (local(start), local(end)) == ("24.10. 22:00", "25.10. 04:00")
        assert end - start == timedelta(hours=7)

    def test_the_night_that_is_an_hour_shorter(self):
        start, end = span(date(2027, 3, 27), time(22), time(4), PRAGUE)
        assert (local(start), local(end)) == ("27.03. 22:00", "28.03. 04:00")
        assert end - start == timedelta(hours=5)

    def test_two_hours_are_two_hours_while_the_clocks_change(self):
        start, end = span(FORWARD, time(1, 30), None, PRAGUE)
        assert end - start == timedelta(hours=2)
        assert local(end) == "28.03. 04:30"

    def test_a_start_that_does_not_exist_takes_its_end_along(self):
        start, end = span(FORWARD, time(2, 30), time(3), PRAGUE)
        assert (local(start), local(end)) == ("28.03. 03:30", "28.03. 04:00")

    @given(st.sampled_from([SUMMER, BACK - timedelta(days=1), BACK, FORWARD - timedelta(days=1), FORWARD]),
           st.none() | clocks, st.none() | clocks)  # fmt: skip
    def test_the_end_is_always_after_the_start(self, day, start, end):
        begins, ends = span(day, start, end, PRAGUE)
        assert timedelta(0) < ends - begins <= timedelta(hours=25)

    @given(st.dates(date(2026, 3, 30), date(2026, 10, 23)), clocks, clocks)
    def test_the_clock_on_the_wall_is_kept(self, day, start, end):
        begins, ends = span(day, start, end, PRAGUE)
        assert (begins.astimezone(PRAGUE).time(), ends.astimezone(PRAGUE).time()) == (start, end)
        assert begins.astimezone(PRAGUE).date() == day


class TestClockDoubts:
    def test_a_plain_night_has_none(self):
        assert list(clock_doubts(SUMMER, time(20), time(2, 30), PRAGUE)) == []

    def test_names_the_hour_that_is_left_out(self):
        assert list(clock_doubts(FORWARD, time(2, 30), time(12), PRAGUE)) == [(HOUR_LEFT_OUT, time(2, 30))]

    def test_names_the_hour_that_comes_twice_also_at_the_end_of_the_night(self):
        assert list(clock_doubts(BACK - timedelta(days=1), time(20), time(2, 30), PRAGUE)) == [
            (HOUR_TWICE, time(2, 30))
        ]
