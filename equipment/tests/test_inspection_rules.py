"""Rules of repeating checks, by the calendar and by brute force."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from equipment.inspection_rules import Check, Repeat, Standing, State, add_months, standing, state_of

ZONE = ZoneInfo("Europe/Prague")
BEGIN = date(2026, 1, 1)


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=ZONE)


def check(day: date, *, passed: bool = True, **more) -> Check:
    return Check(day, passed, more.pop("recorded_at", noon(day)), **more)


def due(repeat: Repeat, checks=(), uses=(), begin: date = BEGIN) -> date | None:
    return standing(repeat, checks, uses, begin=begin, zone=ZONE).due_on


class TestMonths:
    @pytest.mark.parametrize(
        ("day", "months", "expected"),
        [
            ("2026-01-31", 1, "2026-02-28"),
            ("2028-01-31", 1, "2028-02-29"),
            ("2028-02-29", 12, "2029-02-28"),
            ("2028-02-29", 48, "2032-02-29"),
            ("2026-08-31", 1, "2026-09-30"),
            ("2026-12-15", 1, "2027-01-15"),
            ("2026-03-10", 24, "2028-03-10"),
            ("9999-06-01", 12, "9999-12-31"),
        ],
    )
    def test_by_the_calendar(self, day, months, expected):
        assert add_months(date.fromisoformat(day), months) == date.fromisoformat(expected)

    @given(st.dates(date(1900, 1, 1), date(2200, 12, 31)), st.integers(1, 240))
    def test_is_in_the_month_that_is_so_many_later_and_never_on_a_later_day(self, day, months):
        found = add_months(day, months)
        assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months
        assert found.day == day.day or (found.day < day.day and (found + timedelta(days=1)).day == 1)


class TestStanding:
    def test_without_a_result_it_counts_from_the_beginning(self):
        assert due(Repeat(months=12)) == date(2027, 1, 1)
        assert due(Repeat(uses=3)) is None

    def test_from_the_last_one_that_was_passed(self):
        assert due(Repeat(months=12), [check(date(2026, 3, 1)), check(date(2026, 8, 31))]) == date(2027, 8, 31)

    def test_what_the_inspector_sets_wins_over_the_months(self):
        checks = [check(date(2026, 3, 1), next_due=date(2026, 6, 1))]
        assert due(Repeat(months=12), checks) == date(2026, 6, 1)
        assert due(Repeat(uses=1), checks, [noon(date(2026, 4, 1))]) == date(2026, 3, 31)

    def test_a_failed_one_ends_it_until_one_is_passed(self):
        failed = check(date(2026, 5, 2), passed=False)
        assert due(Repeat(months=12), [check(date(2026, 3, 1)), failed]) == date(2026, 5, 1)
        assert due(Repeat(months=1), [check(date(2026, 3, 1)), failed]) == date(2026, 4, 1)
        again = check(date(2026, 5, 9), passed=False)
        assert due(Repeat(uses=5), [failed, again]) == date(2026, 5, 1)
        assert due(Repeat(months=12), [failed, check(date(2026, 5, 2))]) == date(2027, 5, 2)

    def test_a_failed_one_on_the_first_of_all_days_is_no_fault_of_ours(self):
        assert due(Repeat(months=1), [check(date.min, passed=False, recorded_at=noon(BEGIN))]) == date.min

    def test_uses_since_the_last_one(self):
        uses = [noon(date(2026, 2, day)) for day in (1, 5, 9)]
        assert due(Repeat(uses=3), (), uses) == date(2026, 2, 8)
        assert due(Repeat(uses=2), (), uses) == date(2026, 2, 4)
        passed = [check(date(2026, 2, 5), recorded_at=noon(date(2026, 2, 5)) + timedelta(hours=1))]
        assert standing(Repeat(uses=2), passed, uses, begin=BEGIN, zone=ZONE) == Standing(None, 1)

    def test_the_whole_day_counts_when_it_was_recorded_later(self):
        uses = [noon(date(2026, 2, 5)), noon(date(2026, 2, 6))]
        late = [check(date(2026, 2, 5), recorded_at=noon(date(2026, 2, 8)))]
        assert due(Repeat(uses=2), late, uses) == date(2026, 2, 5)

    def test_whichever_is_sooner(self):
        uses = [noon(date(2026, 2, 5))]
        assert due(Repeat(months=1, uses=1), (), uses) == date(2026, 2, 1)
        assert due(Repeat(months=2, uses=1), (), uses) == date(2026, 2, 4)

    def test_a_use_belongs_to_the_local_day(self):
        assert due(Repeat(uses=1), (), [datetime(2026, 6, 30, 22, 30, tzinfo=UTC)]) == date(2026, 6, 30)


offsets = st.integers(0, 60)
histories = st.lists(st.tuples(offsets, st.booleans(), st.none() | st.integers(1, 40)), max_size=5).map(
    lambda rows: sorted(rows, key=lambda row: row[0])
)


@given(
    history=histories,
    uses=st.lists(offsets, max_size=8).map(sorted),
    months=st.none() | st.integers(1, 2),
    limit=st.none() | st.integers(1, 4),
)
def test_day_by_day(history, uses, months, limit):
    """Walk through the days as people do: look each evening whether the item is still in order."""
    assume(months or limit)
    checks = [
        check(day(number), passed=passed, next_due=day(number + later) if later and passed else None)
        for number, passed, later in history
    ]
    moments = [noon(day(number)) for number in uses]
    found = due(Repeat(months, limit), checks, moments)
    for number in range(-1, 130):
        overdue = found is not None and found < day(number)
        assert overdue == _is_overdue(day(number), checks, moments, months, limit), day(number)


def day(number: int) -> date:
    return BEGIN + timedelta(days=number)


def _is_overdue(today: date, checks: list[Check], uses: list[datetime], months: int | None, limit: int | None) -> bool:
    """As seen from now, when all of this is known: is the item overdue on that day?"""
    passed = [one for one in checks if one.passed]
    last = passed[-1] if passed else None
    behind = checks[checks.index(last) + 1 :] if last else checks
    if any(not one.passed and one.done_on <= today for one in behind):
        return True
    if limit is not None:
        since = [use for use in uses if last is None or use >= last.recorded_at]
        if sum(use.astimezone(ZONE).date() <= today for use in since) >= limit:
            return True
    if last and last.next_due:
        return last.next_due < today
    return months is not None and add_months(last.done_on if last else BEGIN, months) < today


@pytest.mark.parametrize(
    ("due_on", "failed", "state"),
    [
        (None, False, State.FINE),
        (BEGIN - timedelta(days=1), False, State.OVERDUE),
        (BEGIN, False, State.SOON),
        (BEGIN + timedelta(days=30), False, State.SOON),
        (BEGIN + timedelta(days=31), False, State.FINE),
        (BEGIN - timedelta(days=1), True, State.FAILED),
    ],
)
def test_how_it_is_seen(due_on, failed, state):
    assert state_of(due_on, failed=failed, today=BEGIN, remind_days=30) is state
