"""What people served: the duties that are over, and how long each of them was for this person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from events.models import Assignment, Event
from medcover.common.intervals import day_bounds, elapsed


@dataclass(frozen=True)
class ServedSpan:
    """A duty that was served: on what, since when by the plan, and how long it really took."""

    event: str
    start: datetime
    length: timedelta


def served_spans(person: Any, month: date) -> list[ServedSpan]:
    """Return what a person has served on paid events that start in a local month, in order of start; one query.

    `month` is its first day. An event belongs as a whole to the month of its start, and also counts when archived.
    """
    zone = timezone.get_current_timezone()
    start, end = day_bounds(month, zone)[0], day_bounds(month_after(month), zone)[0]
    duties = Assignment.objects.of(person).served().on_paid_events().starting_between(start, end)
    return [ServedSpan(duty.event.name, duty.event.start, length_of(duty)) for duty in duties.in_order_of_duty()]


def month_after(month: date) -> date:
    """Return the first day of the month after the one that begins with `month`."""
    return (month + timedelta(days=31)).replace(day=1)


def length_of(duty: Assignment) -> timedelta:
    """Return how long a person served: as long as the event really was, or was planned where that is not known.

    Whatever people say of themselves goes before it; here is the one place that decides.
    """
    return length_of_event(duty.event)


def length_of_event(event: Event) -> timedelta:
    """Return how long an event was: as it really was when both times are known, else as planned."""
    if event.actual_start and event.actual_end:
        return elapsed(event.actual_start, event.actual_end)
    return elapsed(event.start, event.end)
