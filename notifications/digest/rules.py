"""When the digest is due: pure decisions on moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: From so many hours on, the digest has an hour of the day.
DAILY = 24
#: The worker asks once an hour; being asked a moment too early must not cost another hour.
TOLERANCE = timedelta(minutes=5)


def is_due(
    *,
    frequency_hours: int,
    preferred_hour: int,
    last_sent: datetime | None,
    scheduled_at: datetime,
    at: datetime,
    zone: tzinfo,
) -> bool:
    """Say whether the digest is to be sent `at`.

    Below a day, when so much time has passed since the last one. From a day on, once on every day that many calendar
    days after the last one, in the preferred hour of `zone`; when nobody was there to send it then, later that day.
    """
    at = at.astimezone(UTC)  # two moments of one zone would be compared by the clock on the wall
    if frequency_hours < DAILY:
        return _time_has_passed(last_sent, timedelta(hours=frequency_hours), at)
    today = at.astimezone(zone).date()
    if not _days_have_passed(last_sent, frequency_hours // DAILY, today, zone):
        return False
    begins = beginning_of_hour(today, preferred_hour, zone)
    in_time = begins <= at < begins + HOUR
    # A schedule made this afternoon asks for nothing this morning.
    return in_time or (at >= begins >= scheduled_at)


def beginning_of_hour(day: date, hour: int, zone: tzinfo) -> datetime:
    """Return when that hour begins on the clock of `zone`.

    An hour that the clock skips begins where it would have been, which is when the next one does; of one that comes
    twice it is the first.
    """
    return datetime.combine(day, time(hour), tzinfo=zone).astimezone(UTC)


def _time_has_passed(last_sent: datetime | None, pause: timedelta, at: datetime) -> bool:
    return last_sent is None or at - last_sent >= pause - TOLERANCE or _is_from_the_future(at - last_sent)


def _days_have_passed(last_sent: datetime | None, days: int, today: date, zone: tzinfo) -> bool:
    if last_sent is None:
        return True
    since = today - last_sent.astimezone(zone).date()
    return since >= timedelta(days=days) or _is_from_the_future(since)


def _is_from_the_future(passed: timedelta) -> bool:
    """A clock that was ahead wrote the last sending; a difference of seconds between two workers is none."""
    return passed < -DAY
