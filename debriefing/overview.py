"""Debriefings of events as debriefing managers see them; a fixed number of queries, however many events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch

from debriefing.models import ConfidentialAnswers, Debriefing
from debriefing.rules import counts_people
from events.models import Assignment, Event


@dataclass(frozen=True)
class Voice:
    """One person of an event, with their debriefing and its confidential answers once they are handed in."""

    assignment: Assignment
    debriefing: Debriefing | None
    answers: ConfidentialAnswers | None

    @property
    def person(self) -> Any:
        """Who it is."""
        return self.assignment.person


@dataclass(frozen=True)
class Card:
    """An event with everybody on it."""

    event: Event
    voices: list[Voice] = field(default_factory=list)

    @property
    def submitted(self) -> list[Voice]:
        """Those who have handed in theirs."""
        return [voice for voice in self.voices if voice.debriefing is not None]

    @property
    def pending(self) -> list[Voice]:
        """Those who have not."""
        return [voice for voice in self.voices if voice.debriefing is None]

    @property
    def has_times(self) -> bool:
        """The real times of the event are known."""
        return self.event.actual_start is not None and self.event.actual_end is not None

    @property
    def counts_people(self) -> bool:
        """A number of people belongs to the event."""
        return counts_people(self.event.kind)


def cards(events: Sequence[Event], reader: Any) -> list[Card]:
    """Return the events in their order with what people have handed in, as far as the reader may read it."""
    found = {event.pk: Card(event) for event in events}
    answers = {row.pk: row for row in _answers(found, reader)}
    for row in _crews(found):
        made = getattr(row, "debriefing", None)
        found[row.event_id].voices.append(Voice(row, made, answers.get(made.pk) if made else None))
    return list(found.values())


def _answers(keys: Any, reader: Any) -> Any:
    rows = ConfidentialAnswers.objects.readable_by(reader)
    return rows.filter(debriefing__assignment__event__in=list(keys))


def _crews(keys: Any) -> Any:
    rows = Assignment.objects.filter(event__in=list(keys)).select_related("person", "debriefing").only(*_SHOWN)
    material = Prefetch("debriefing__material")
    return rows.prefetch_related(material).order_by("person__name_sort", "pk")


#: What is shown of each duty; people have many more columns.
_SHOWN = (
    "event", "person__name", "debriefing__assignment", "debriefing__submitted_at", "debriefing__own_start",
    "debriefing__own_end", "debriefing__own_hours",
)  # fmt: skip
