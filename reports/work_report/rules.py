"""Which months a work report may be about, and what its days say. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta, tzinfo
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from medcover.common.errors import DomainError
from medcover.common.intervals import local_day
from reports.served import ServedSpan, month_after

#: No report is older; nor is what it would be made of.
FIRST_YEAR = 2020
#: A form offers this year and so many before it.
YEARS_BEFORE = 3

_HALF_HOUR = timedelta(minutes=30)
_MONTHS_OF_A_YEAR = 12


class UnfitMonth(DomainError):
    """Refusal: there is no work report for this month."""


def checked_month(year: int, month: int, *, today: date) -> date:
    """Return the first day of the month. Raises UnfitMonth outside 1–12, before 2020 and after the month of `today`."""
    if not 1 <= month <= _MONTHS_OF_A_YEAR:
        raise UnfitMonth(_("The month has to be a number from 1 to 12."))
    if not FIRST_YEAR <= year <= today.year:
        raise UnfitMonth(_("There are no work reports for this year."))
    found = date(year, month, 1)
    if found > today:
        raise UnfitMonth(_("This month has not begun yet, so there is nothing to report."))
    return found


def last_whole_month(today: date) -> date:
    """Return the first day of the last month that is over."""
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)


def months_on_offer(today: date) -> list[date]:
    """Return the first days of the months that a form offers, the newest first."""
    years = range(today.year, max(today.year - YEARS_BEFORE, FIRST_YEAR) - 1, -1)
    months = (date(year, month, 1) for year in years for month in range(_MONTHS_OF_A_YEAR, 0, -1))
    return [month for month in months if month <= today]


def started_half_hours(length: timedelta) -> Decimal:
    """Return a time in hours, rounded up to the next half of one that has begun: 31 minutes are one hour."""
    return Decimal(-(-length // _HALF_HOUR)) / 2


@dataclass
class Day:
    """One line of the report: the hours of the day, each event rounded by itself, and what the person did."""

    day: date
    hours: Decimal = Decimal(0)
    events: list[str] = field(default_factory=list)


def days_of(month: date, spans: Iterable[ServedSpan], zone: tzinfo) -> list[Day]:
    """Return all days of a month, with each of the spans on the local day of its start."""
    days = {day: Day(day) for day in _calendar(month)}
    for span in spans:
        line = days[local_day(span.start, zone)]
        line.hours += started_half_hours(span.length)
        line.events.append(span.event)
    return list(days.values())


def _calendar(month: date) -> Iterator[date]:
    for number in range((month_after(month) - month).days):
        yield month + timedelta(days=number)
