"""Time spans. Moments are aware; a span holds its start and not its end."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal

_MICROSECONDS_PER_HOUR = Decimal(3_600_000_000)
_TENTH = Decimal("0.1")


def _utc(moment: datetime) -> datetime:
    """Return the moment in UTC; ValueError when it is naive.

    Python compares and subtracts two moments of one zone by the clock on the wall, which is wrong
    across a change of summer time. In UTC both are true.
    """
    if moment.utcoffset() is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(UTC)


def overlaps(a_start: datetime, a_end: datetime, b_start: datetime, b_end: datetime) -> bool:
    """Say whether the half-open spans [a_start, a_end) and [b_start, b_end) share any time.

    Spans that only touch do not overlap; an empty or reversed span overlaps nothing.
    """
    return max(_utc(a_start), _utc(b_start)) < min(_utc(a_end), _utc(b_end))


def between(a_start: datetime, a_end: datetime, b_start: datetime, b_end: datetime) -> tuple[datetime, datetime] | None:
    """Return, in UTC, the time that lies between two half-open spans; None when they overlap.

    Between spans that only touch there is an empty one.
    """
    first_end, second_start = (a_end, b_start) if _utc(a_start) <= _utc(b_start) else (b_end, a_start)
    start, end = _utc(first_end), _utc(second_start)
    return None if start > end else (start, end)


def widened(start: datetime, end: datetime, by: timedelta) -> tuple[datetime, datetime]:
    """Return, in UTC, the span with `by` of time that really passes added on both sides."""
    return _utc(start) - by, _utc(end) + by


def elapsed(start: datetime, end: datetime) -> timedelta:
    """Return the time that really passes from start to end; negative if end is earlier."""
    return _utc(end) - _utc(start)


def hours(start: datetime, end: datetime) -> Decimal:
    """Return the hours that really pass from start to end, rounded half-up to 0.1; negative if end is earlier."""
    return hours_of(elapsed(start, end))


def hours_of(length: timedelta) -> Decimal:
    """Return a length of time in hours, rounded half-up to 0.1."""
    microseconds = length // timedelta(microseconds=1)
    return (Decimal(microseconds) / _MICROSECONDS_PER_HOUR).quantize(_TENTH, rounding=ROUND_HALF_UP)


def local_day(moment: datetime, zone: tzinfo) -> date:
    """Return the calendar day on which the moment falls in `zone`."""
    return _utc(moment).astimezone(zone).date()


def day_bounds(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return, in UTC, the first moment of the local day and the first moment of the next.

    The two are 23, 24 or 25 hours apart, so never reckon the end as the start plus a day.
    """
    start = datetime.combine(day, time.min, tzinfo=zone)
    end = datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone)
    return start.astimezone(UTC), end.astimezone(UTC)
