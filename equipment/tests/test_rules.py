"""Rules of availability, on many spans."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipment.rules import Facts, Reason, Window, WindowState, reasons_against, reasons_now, state_of, touching

START = datetime(2027, 5, 15, 8, 0, tzinfo=UTC)
DAY = date(2027, 5, 15)


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


minutes = st.integers(min_value=-20, max_value=40)
windows = st.builds(
    lambda begin, length: Window(at(begin), None if length is None else at(begin + length)),
    minutes, st.none() | st.integers(min_value=1, max_value=20),
)  # fmt: skip
spans = st.tuples(minutes, st.integers(min_value=1, max_value=20)).map(lambda pair: (pair[0], sum(pair)))


@given(window=windows, moment=minutes)
def test_a_window_holds_its_start_and_not_its_end(window, moment):
    active = window.since <= at(moment) and (window.until is None or at(moment) < window.until)
    assert (state_of(window, at(moment)) is WindowState.ACTIVE) == active


@given(window=windows, span=spans)
def test_a_window_stands_against_a_time_when_it_is_active_in_some_minute_of_it(window, span):
    start, end = span
    in_some = any(state_of(window, at(minute)) is WindowState.ACTIVE for minute in range(start, end))
    against = reasons_against(Facts(windows=[window]), at(start), at(end), last_day=DAY)
    assert (Reason.IN_SERVICE in against) == in_some


@given(one=windows, other=windows)
def test_touching_works_both_ways(one, other):
    assert bool(touching(one, [other])) == bool(touching(other, [one]))


@given(window=windows, moment=minutes)
def test_now_is_a_very_short_time(window, moment):
    facts, now = Facts(windows=[window]), at(moment)
    soon = reasons_against(facts, now, now + timedelta(microseconds=1), last_day=DAY)
    assert reasons_now(facts, now, day=DAY) == soon


@pytest.mark.parametrize(("expires_on", "expired"), [(None, False), (DAY, False), (DAY - timedelta(days=1), True)])
def test_on_its_last_day_an_item_still_counts(expires_on, expired):
    against = reasons_against(Facts(expires_on=expires_on), at(0), at(60), last_day=DAY)
    assert (Reason.EXPIRED in against) == expired


@pytest.mark.parametrize(("until", "overdue"), [(None, False), (DAY, False), (DAY - timedelta(days=1), True)])
def test_on_the_last_day_of_an_inspection_an_item_still_counts(until, overdue):
    against = reasons_against(Facts(safe_until=until), at(0), at(60), last_day=DAY)
    assert (Reason.INSPECTION_OVERDUE in against) == overdue


def test_all_reasons_are_told():
    past, windows = date(2020, 1, 1), [Window(at(-5))]
    facts = Facts(is_archived=True, is_lost=True, expires_on=past, windows=windows, safe_until=past, is_down=True)
    assert reasons_against(facts, at(0), at(60), last_day=DAY) == set(Reason)
    assert reasons_now(facts, at(0), day=DAY) == set(Reason)


def test_spans_that_only_touch_do_not_overlap():
    window = Window(at(0), at(10))
    assert not touching(window, [Window(at(10), at(20)), Window(at(-10), at(0))])
    assert touching(window, [Window(at(9), at(20)), Window(at(-10), at(1)), Window(at(-10))])
