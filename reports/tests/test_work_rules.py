"""Months of work reports, the rounding of hours, and what stands on which day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.tests.factories import PRAGUE
from reports.served import ServedSpan
from reports.work_report.rules import (
    UnfitMonth,
    checked_month,
    days_of,
    last_whole_month,
    months_on_offer,
    started_half_hours,
)

TODAY = date(2027, 5, 15)


@pytest.mark.parametrize(
    ("minutes", "hours"),
    [(0, "0"), (1, "0.5"), (30, "0.5"), (31, "1"), (516, "9"), (600, "10"), (601, "10.5"), (606, "10.5")],
)
def test_half_hours_that_have_begun_count(minutes, hours):
    assert started_half_hours(timedelta(minutes=minutes)) == Decimal(hours)


@given(st.integers(min_value=0, max_value=10 * 24 * 3600))
def test_rounding_adds_less_than_half_an_hour(seconds):
    found = started_half_hours(timedelta(seconds=seconds))
    assert found * 2 == int(found * 2)
    assert 0 <= found * 3600 - seconds < 1800


class TestMonths:
    @pytest.mark.parametrize(("year", "month"), [(2027, 5), (2027, 1), (2020, 1), (2023, 12)])
    def test_from_2020_to_the_month_that_runs(self, year, month):
        assert checked_month(year, month, today=TODAY) == date(year, month, 1)

    @pytest.mark.parametrize(
        ("year", "month", "words"),
        [
            (2027, 0, "1 do 12"), (2027, 13, "1 do 12"), (2027, 9999, "1 do 12"), (2019, 12, "rok"), (0, 1, "rok"),
            (2028, 1, "rok"), (9999, 1, "rok"), (2027, 6, "nezačal"), (2027, 12, "nezačal"),
        ],
    )  # fmt: skip
    def test_no_other(self, year, month, words):
        with pytest.raises(UnfitMonth, match=words):
            checked_month(year, month, today=TODAY)

    @pytest.mark.parametrize(
        ("today", "last"),
        [
            (TODAY, date(2027, 4, 1)),
            (date(2027, 1, 31), date(2026, 12, 1)),
            (date(2028, 3, 1), date(2028, 2, 1)),
        ],
    )
    def test_the_last_whole_one(self, today, last):
        assert last_whole_month(today) == last

    def test_on_offer_is_this_year_and_three_before(self):
        months = months_on_offer(TODAY)
        assert (months[0], months[-1], len(months)) == (date(2027, 5, 1), date(2024, 1, 1), 5 + 36)
        assert months == sorted(months, reverse=True)

    def test_nothing_before_2020_is_on_offer(self):
        assert months_on_offer(date(2021, 2, 1))[-1] == date(2020, 1, 1)

    @given(st.dates(min_value=date(2020, 1, 1), max_value=date(2100, 12, 31)))
    def test_what_is_on_offer_is_accepted(self, today):
        assert [checked_month(month.year, month.month, today=today) for month in months_on_offer(today)]


def span(name: str, start: datetime, minutes: int) -> ServedSpan:
    return ServedSpan(name, start, timedelta(minutes=minutes))


class TestDays:
    @pytest.mark.parametrize(("month", "count"), [((2027, 2), 28), ((2028, 2), 29), ((2027, 4), 30), ((2027, 5), 31)])
    def test_all_of_the_month(self, month, count):
        days = days_of(date(*month, 1), [], PRAGUE)
        assert [line.day for line in days] == [date(*month, number) for number in range(1, count + 1)]
        assert all(line.hours == 0 and line.events == [] for line in days)

    def test_each_event_is_rounded_by_itself(self):
        start = datetime(2027, 5, 15, 8, tzinfo=PRAGUE)
        spans = [span("Ráno", start, 31), span("Večer", start.replace(hour=18), 61)]
        line = days_of(date(2027, 5, 1), spans, PRAGUE)[14]
        assert (line.hours, line.events) == (Decimal("2.5"), ["Ráno", "Večer"])

    def test_a_night_belongs_to_the_day_on_which_it_begins(self):
        days = days_of(date(2027, 5, 1), [span("Noc", datetime(2027, 5, 31, 23, 59, tzinfo=PRAGUE), 600)], PRAGUE)
        assert (days[30].hours, days[30].events) == (10, ["Noc"])

    @pytest.mark.parametrize("day", [date(2027, 3, 28), date(2027, 10, 31)])
    def test_days_are_local_on_both_changes_of_summer_time(self, day):
        first, last = (datetime(day.year, day.month, day.day, *clock, tzinfo=PRAGUE) for clock in ((0, 0), (23, 59)))
        days = days_of(day.replace(day=1), [span("První", first, 30), span("Poslední", last, 30)], PRAGUE)
        assert days[day.day - 1].events == ["První", "Poslední"]
