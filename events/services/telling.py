"""What this app tells people, as calls into the outbox; the words are in `notices.py`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from events.models import Assignment, Event
from notifications import services as outbox
from notifications.models import OutboxMessage
from notifications.services import together
from roster.models import User
from roster.rights import Role

__all__ = [
    "forget", "tell_end", "tell_everybody", "tell_participants", "tell_people", "tell_person", "together", "topic_of",
]  # fmt: skip


def topic_of(event: Event) -> str:
    """Return how the outbox names this event."""
    return f"event:{event.pk}"


def tell_everybody(code: str, event: Event) -> None:
    """Tell all active coordinators and members."""
    people = User.objects.active().with_role(Role.COORDINATOR, Role.MEMBER)
    tell_people(code, event, people.values_list("pk", flat=True))


def tell_participants(code: str, event: Event, payload: dict[str, Any] | None = None) -> None:
    """Tell everybody who is signed up."""
    tell_people(code, event, event.assignments.values_list("person", flat=True), payload)


def tell_person(code: str, assignment: Assignment) -> None:
    """Tell the person of the assignment, with the position they took or gave up."""
    position = assignment.position.description if assignment.position else ""
    tell_people(code, assignment.event, [assignment.person_id], {"position": position})


def tell_end(code: str, event: Event) -> None:
    """Tell participants, those who wait for a place, and everybody who was about to hear of the event, at once."""
    waiting = OutboxMessage.objects.pending().about(topic_of(event))
    # Locked in the order of their keys, as everybody locks messages.
    people = set(waiting.select_for_update().order_by("id").values_list("recipient", flat=True)) - {None}
    waiting.update(send_after=None)
    for rows in (event.assignments, event.queue):
        people.update(rows.values_list("person", flat=True))
    tell_people(code, event, people)


def forget(event: Event) -> None:
    """Drop what waits to be told about an event that is about to be deleted."""
    waiting = OutboxMessage.objects.pending().about(topic_of(event)).select_for_update().order_by("id")
    OutboxMessage.objects.filter(pk__in=[message.pk for message in waiting]).delete()


def tell_people(code: str, event: Event, people: Iterable[Any], payload: dict[str, Any] | None = None) -> None:
    """Tell these people (keys) about the event."""
    content = {"event_id": event.pk, "event_name": event.name, **(payload or {})}
    outbox.announce(code, recipients=people, topic=topic_of(event), payload=content)
