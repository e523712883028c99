"""Stored staffing figures of events: verified against the rows they are counted from, and counted anew.

Triggers keep the figures (see `models.figures`). This looks whether they are right, in another way than the triggers
count, for operators and for the worker's nightly look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from events.models import Event

_DIFFERING = """
SELECT * FROM (
SELECT event.id, event.name,
       ARRAY[event.mandatory_total, event.mandatory_filled, event.optional_total, event.optional_filled,
             event.held_places, event.participant_count] AS stored,
       ARRAY[coalesce(place.mandatory, 0), coalesce(place.mandatory_taken, 0), coalesce(place.optional, 0),
             coalesce(place.optional_taken, 0), coalesce(held.number, 0), coalesce(people.number, 0)] AS counted
FROM events_event AS event
LEFT JOIN (
    SELECT position.event_id,
           sum(CASE WHEN position.is_optional THEN 0 ELSE 1 END)::int AS mandatory,
           sum(CASE WHEN NOT position.is_optional AND assignment.id IS NOT NULL THEN 1 ELSE 0 END)::int
               AS mandatory_taken,
           sum(CASE WHEN position.is_optional THEN 1 ELSE 0 END)::int AS optional,
           sum(CASE WHEN position.is_optional AND assignment.id IS NOT NULL THEN 1 ELSE 0 END)::int AS optional_taken
    FROM events_position AS position
    LEFT JOIN events_assignment AS assignment ON assignment.position_id = position.id
    GROUP BY position.event_id
) AS place ON place.event_id = event.id
LEFT JOIN (
    SELECT event_id, count(*)::int AS number FROM events_offer WHERE state = 'open' GROUP BY event_id
) AS held ON held.event_id = event.id
LEFT JOIN (
    SELECT event_id, count(*)::int AS number FROM events_assignment GROUP BY event_id
) AS people ON people.event_id = event.id
) AS compared WHERE stored <> counted ORDER BY id
"""


@dataclass(frozen=True)
class Difference:
    """An event whose stored figures are wrong; both rows of numbers in the order of `Event.STAFFING_FIGURES`."""

    event_id: int
    name: str
    stored: Sequence[int]
    counted: Sequence[int]

    def __str__(self) -> str:
        figures = zip(Event.STAFFING_FIGURES, self.stored, self.counted, strict=True)
        return ", ".join(f"{name} {stored} ≠ {counted}" for name, stored, counted in figures if stored != counted)


def differences() -> list[Difference]:
    """Return the events whose stored figures differ from what there is, by key; one statement for all events."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERING)
        return [Difference(*row) for row in cursor.fetchall()]


@transaction.atomic
def recount(event_ids: Sequence[int]) -> int:
    """Count the figures of these events anew, under their locks; return how many events changed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT events_count_staffing(%s)", [list(event_ids)])
        changed: int = cursor.fetchone()[0]
    return changed
