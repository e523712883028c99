"""Events and how they were covered: the table of events of several reports, and its totals."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, Sum, When
from django.db.models.functions import Coalesce

from events.models import Event
from events.rules.lifecycle import Status
from events.rules.planning import Kind
from events.rules.staffing import Mode
from reports import hours


@dataclass(frozen=True)
class Totals:
    """Figures of events together: people on how many places, hours as they really were, people treated and trained."""

    events: int
    filled: int
    places: int
    actual_hours: Decimal
    treated: int
    trained: int

    @property
    def rate(self) -> Decimal | None:
        """Filled places of a hundred; None where there are none."""
        return Decimal(100 * self.filled) / self.places if self.places else None


def filled() -> Case:
    """SQL expression: people on places of an event; on one staffed by conditions, all its people."""
    return _by_mode("participant_count", F("mandatory_filled") + F("optional_filled"))


def places() -> Case:
    """SQL expression: places of an event; on one staffed by conditions, the most people that may come."""
    return _by_mode("max_participants", F("mandatory_total") + F("optional_total"))


def _by_mode(by_conditions: str, by_positions: Any) -> Case:
    return Case(
        When(staffing_mode=Mode.CONDITIONS, then=by_conditions), default=by_positions, output_field=IntegerField()
    )


def sums() -> dict[str, Any]:
    """SQL aggregates that make `Totals`."""
    return {
        "events": Count("pk"),
        "filled": Coalesce(Sum(filled()), 0),
        "places": Coalesce(Sum(places()), 0),
        "actual_hours": hours.total(hours.actual_length()),
        "treated": Coalesce(Sum("post_event_count", filter=Q(kind=Kind.MEDICAL)), 0),
        "trained": Coalesce(Sum("post_event_count", filter=Q(kind=Kind.TRAINING)), 0),
    }


def totals(events: Any) -> Totals:
    """Return the totals of the events."""
    return Totals(**events.aggregate(**sums()))


def by_status(events: Any) -> list[tuple[str, Any, int]]:
    """Return statuses that occur, with their words and how many events have them, in the order of an event's life."""
    counts = dict(events.values_list("status").annotate(Count("pk")))
    return [(status.value, status.label, counts[status]) for status in Status if status in counts]


def in_order(events: Any) -> Any:
    """The events as a table shows them, in order of start."""
    return events.select_related("master_event").order_by("start", "pk")


def by_master(events: Any) -> Any:
    """The same grouped by master event, the general one first."""
    order = ("-master_event__is_general", "master_event__name_sort", "master_event", "start", "pk")
    return events.select_related("master_event").order_by(*order)


def staffing_of(event: Event) -> tuple[int, ...]:
    """Return people and places of an event; of one staffed by conditions people, minimum and maximum."""
    if event.by_conditions:
        return event.participant_count, event.min_participants or 0, event.max_participants or 0
    return event.mandatory_filled + event.optional_filled, event.mandatory_total + event.optional_total


def count_of(event: Event) -> int | None:
    """Return how many were treated or trained; None where it is unknown, or means nothing as on a presentation."""
    return None if event.kind == Kind.PRESENTATION else event.post_event_count
