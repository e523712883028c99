"""Duties that were served, for tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from events.models import Assignment, Event
from events.rules.lifecycle import Status
from events.tests.factories import PRAGUE, EventFactory, PositionFactory, put


def at(year: int, month: int, day: int, hour: int = 8, minute: int = 0) -> datetime:
    """A moment by the clocks of Prague."""
    return datetime(year, month, day, hour, minute, tzinfo=PRAGUE)


def over(start: datetime, hours: float = 4, **fields: Any) -> Event:
    """A paid event that is completed."""
    known = {"status": Status.COMPLETED, "is_paid": True, "end": start + timedelta(hours=hours), **fields}
    event: Event = EventFactory(start=start, **known)
    return event


def served(person: Any, start: datetime, hours: float = 4, **fields: Any) -> Assignment:
    """A duty of the person on such an event."""
    return put(person, PositionFactory(event=over(start, hours, **fields)))
