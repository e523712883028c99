"""Spans of days that people ask for again and again, as buttons beside two dates."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DateRange(NamedTuple):
    """Days from the first to the last, both included."""

    label: Promise | str
    first: date
    last: date


def quick_ranges(today: date) -> list[DateRange]:
    """Return this month, the last one, the year until today, and the whole year."""
    month, year = today.replace(day=1), today.replace(month=1, day=1)
    before = month - timedelta(days=1)
    next_month = (month + timedelta(days=31)).replace(day=1)
    return [
        DateRange(_("This month"), month, next_month - timedelta(days=1)),
        DateRange(_("Last month"), before.replace(day=1), before),
        DateRange(_("Since the beginning of the year"), year, today),
        DateRange(_("Whole year"), year, today.replace(month=12, day=31)),
    ]
