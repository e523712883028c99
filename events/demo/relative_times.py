"""Moments told relative to now, so that the demo data lie around today whenever they are made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Protocol

MON, TUE, WED, THU, FRI, SAT, SUN = range(7)


class When(Protocol):
    """Moment relative to now, known once it is told what is now."""

    def start(self, now: datetime, zone: tzinfo) -> datetime:
        """Return the moment in UTC."""
        ...


@dataclass(frozen=True)
class On:
    """A weekday: `week` 1 is the next one after today, -1 the last one before today; local time."""

    weekday: int
    week: int
    hour: int
    minute: int = 0

    def start(self, now: datetime, zone: tzinfo) -> datetime:
        """Return the moment in UTC."""
        today = now.astimezone(zone).date()
        ahead = (self.weekday - today.weekday() - 1) % 7 + 1  # 1 to 7
        days = ahead + 7 * (self.week - 1) if self.week > 0 else (ahead - 7 or -7) + 7 * (self.week + 1)
        return _local(today + timedelta(days=days), self.hour, self.minute, zone)


@dataclass(frozen=True)
class InDays:
    """So many days from today; local time."""

    days: int
    hour: int

    def start(self, now: datetime, zone: tzinfo) -> datetime:
        """Return the moment in UTC."""
        return _local(now.astimezone(zone).date() + timedelta(days=self.days), self.hour, 0, zone)


@dataclass(frozen=True)
class LastYear:
    """A day of the calendar year before this one; local time."""

    month: int
    day: int
    hour: int

    def start(self, now: datetime, zone: tzinfo) -> datetime:
        """Return the moment in UTC."""
        return _local(date(now.astimezone(zone).year - 1, self.month, self.day), self.hour, 0, zone)


@dataclass(frozen=True)
class Begun:
    """So many hours ago, at the full hour."""

    hours: int

    def start(self, now: datetime, zone: tzinfo) -> datetime:
        """Return the moment in UTC."""
        return (now - timedelta(hours=self.hours)).astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _local(day: date, hour: int, minute: int, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=zone).astimezone(UTC)
