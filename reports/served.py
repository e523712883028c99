"""What people served: the duties that are over, and how long each of them was for this person."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from debriefing.models import Debriefing
from events.models import Assignment, Event
from medcover.common.intervals import day_bounds, elapsed


@dataclass(frozen=True)
class ServedSpan:
    """A duty that was served: on what, since when by the plan, and how long it really took."""

    event: str
    start: datetime
    length: timedelta


def served_spans(person: Any, month: date) -> list[ServedSpan]:
    """Return what a person has served on paid events that start in a local month, in order of start; two queries.

    `month` is its first day. An event belongs as a whole to the month of its start, and also counts when archived.
    """
    zone = timezone.get_current_timezone()
    start, end = day_bounds(month, zone)[0], day_bounds(month_after(month), zone)[0]
    found = Assignment.objects.of(person).served().on_paid_events().starting_between(start, end)
    duties = list(found.in_order_of_duty())
    own = own_lengths(duties)
    return [ServedSpan(duty.event.name, duty.event.start, length_of(duty, own)) for duty in duties]


def month_after(month: date) -> date:
    """Return the first day of the month after the one that begins with `month`."""
    return (month + timedelta(days=31)).replace(day=1)


def own_lengths(duties: Collection[Assignment]) -> dict[int, timedelta]:
    """Return how long people were there by their own words, by the key of the duty; of the others there is nothing."""
    rows: Any = Debriefing.objects.with_own_hours().filter(assignment__in=duties) if duties else ()
    return {row.assignment_id: _attended(row) for row in rows}


def _attended(debriefing: Debriefing) -> timedelta:
    if debriefing.own_start and debriefing.own_end:
        return elapsed(debriefing.own_start, debriefing.own_end)
    return timedelta(minutes=int((debriefing.own_hours or 0) * 60))


def length_of(duty: Assignment, own: Mapping[int, timedelta]) -> timedelta:
    """Return how long a person served: as long as they said, else as the event really was, else as it was planned.

    `own` is what `own_lengths` has read. Here is the one place that decides.
    """
    return own.get(duty.pk) or length_of_event(duty.event)


def length_of_event(event: Event) -> timedelta:
    """Return how long an event was: as it really was when both times are known, else as planned."""
    if event.actual_start and event.actual_end:
        return elapsed(event.actual_start, event.actual_end)
    return elapsed(event.start, event.end)
