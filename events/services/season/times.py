"""From the clock on the wall to moments, also on the two nights a year when the clocks change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: An event without an end lasts this long.
DEFAULT_LENGTH = timedelta(hours=2)

HOUR_LEFT_OUT = _("The clocks leave out %(time)s on that day, so an hour later was taken.")
HOUR_TWICE = _("The clocks show %(time)s twice on that day; the first time was taken.")


def span(day: date, start: time | None, end: time | None, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return both moments of an event in UTC.

    An unknown start is midnight, an unknown end two hours after the start. An end that is not after the start on
    the clock belongs to the next day.
    """
    opening = start or time.min
    begins = _moment(day, opening, zone)
    if end is None:
        return begins, begins + DEFAULT_LENGTH
    ends = _moment(_last_day(day, opening, end), end, zone)
    if ends <= begins:
        # The start lay in the hour that the clocks leave out and was moved: the end moves with it.
        ends = begins + (datetime.combine(day, end) - datetime.combine(day, opening))
    return begins, ends


def clock_doubts(day: date, start: time | None, end: time | None, zone: tzinfo) -> Iterator[tuple[Promise, time]]:
    """Yield those of the two times that the clocks leave out or show twice, each with its sentence."""
    last_day = _last_day(day, start or time.min, end) if end else day
    for on_day, clock in ((day, start), (last_day, end)):
        if clock is None:
            continue
        before, after = (datetime.combine(on_day, clock, zone).replace(fold=fold).utcoffset() for fold in (0, 1))
        if before and after and before != after:
            yield (HOUR_LEFT_OUT if before < after else HOUR_TWICE), clock


def _last_day(day: date, start: time, end: time) -> date:
    return day if end > start else day + timedelta(days=1)


def _moment(day: date, clock: time, zone: tzinfo) -> datetime:
    """Of two equal times the first is meant; one that does not exist is an hour later."""
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)
