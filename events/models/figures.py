"""Figures of an event's staffing that the database keeps in the event's own row."""

from __future__ import annotations

from typing import Any

from django.db import connection, models

from events.querysets.outlines import StaffedRow

#: Written out, because every sign-up asks for it under the event's lock.
_FIGURES_OF_NOW = """
SELECT {columns}, EXISTS(SELECT FROM events_queueentry WHERE event_id = events_event.id) FROM events_event WHERE id = %s
"""


def _figure() -> models.PositiveIntegerField[Any, Any]:
    return models.PositiveIntegerField(default=0, db_default=0, editable=False)


class StaffingFigures(StaffedRow, models.Model):
    """Numbers that follow from an event's positions, assignments and open offers.

    Triggers count them in the statement that changes those rows (migration 0008), whoever sends it, so no code can
    forget to; whatever else is written into these columns is ignored. An instance that was read before a change
    keeps the numbers of its reading. Events staffed by conditions have people and held seats, but no positions.
    """

    mandatory_total = _figure()
    mandatory_filled = _figure()
    optional_total = _figure()
    optional_filled = _figure()
    #: Places or seats that open offers hold for people of the waiting list.
    held_places = _figure()
    #: People on the event, with a position or without.
    participant_count = _figure()

    #: The columns by name.
    STAFFING_FIGURES = (
        "mandatory_total", "mandatory_filled", "optional_total", "optional_filled", "held_places", "participant_count",
    )  # fmt: skip

    #: Whether anybody is on the waiting list; known after `reread_figures()`.
    is_waited_for: bool | None = None

    class Meta:
        abstract = True

    def reread_figures(self) -> None:
        """Bring the figures up to what the database holds at this moment, and learn whether anybody waits."""
        with connection.cursor() as cursor:
            cursor.execute(_FIGURES_OF_NOW.format(columns=", ".join(self.STAFFING_FIGURES)), [self.pk])
            *figures, self.is_waited_for = cursor.fetchone()
        for name, number in zip(self.STAFFING_FIGURES, figures, strict=True):
            setattr(self, name, number)
