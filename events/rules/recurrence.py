"""Days of a series and the moments on them; wall-clock times stay the same over changes of the clock."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: A longer series is a mistake more often than a wish.
LONGEST = 104


@dataclass(frozen=True)
class Weekly:
    """Every `interval` weeks on the given weekdays (Monday is 0), from `first` up to and including `until`."""

    first: date
    until: date
    weekdays: Collection[int]
    interval: int = 1


def problem(pattern: Weekly) -> Promise | str | None:
    """Return why the pattern makes no series, or None when it does."""
    if not pattern.weekdays or not set(pattern.weekdays) <= set(range(7)):
        return _("Choose at least one day of the week.")
    if not 1 <= pattern.interval <= 52:
        return _("Choose a repetition of 1 to 52 weeks.")
    if pattern.until < pattern.first:
        return _("The series must end on its first day or later.")
    if not 1 <= len(days(pattern, at_most=LONGEST + 1)) <= LONGEST:
        return str(_("The series must have between 1 and %d events.") % LONGEST)
    return None


def days(pattern: Weekly, *, at_most: int = LONGEST) -> list[date]:
    """Return the days in order, no more than `at_most`; weeks are counted from the Monday of the first one."""
    monday = pattern.first - timedelta(days=pattern.first.weekday())
    found: list[date] = []
    while monday <= pattern.until and len(found) < at_most:
        week = [monday + timedelta(days=day) for day in sorted(set(pattern.weekdays))]
        found += [day for day in week if pattern.first <= day <= pattern.until]
        monday += timedelta(weeks=pattern.interval)
    return found[:at_most]


@dataclass(frozen=True)
class Occurrence:
    """One event of a series."""

    day: date
    start: datetime
    end: datetime


def occurrences(on: Sequence[date], start: datetime, end: datetime, zone: tzinfo) -> list[Occurrence]:
    """Return the span from `start` to `end` moved to each day; the clock on the wall shows the same times.

    A time that the clocks leave out becomes an hour later, of one shown twice the first is taken. An end that this
    would bring to the start or before it keeps its distance instead.
    """
    opening, closing = start.astimezone(zone), end.astimezone(zone)
    nights = closing.date() - opening.date()
    return [_moved(day, opening, closing, day + nights, zone) for day in on]


def _moved(day: date, opening: datetime, closing: datetime, last_day: date, zone: tzinfo) -> Occurrence:
    begins, ends = _at(day, opening, zone), _at(last_day, closing, zone)
    if ends <= begins:
        ends = begins + (closing.astimezone(UTC) - opening.astimezone(UTC))
    return Occurrence(day, begins, ends)


def _at(day: date, clock: datetime, zone: tzinfo) -> datetime:
    return datetime.combine(day, clock.time().replace(fold=0), tzinfo=zone).astimezone(UTC)
