"""Notifications about events, by audience: calls into the outbox; the words are in `events/notices`.

A place that is given up shortly before the start is a late drop-out: whoever has to find somebody is told at once whom
to ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from events.models import Assignment, Event, Position
from events.querysets.substitutes import people_for_places
from events.rules.lifecycle import RUNNING, Status
from events.rules.waiting import is_drop_out
from medcover.system.models import SiteSettings
from notifications import services as outbox
from notifications.models import OutboxMessage
from notifications.services import together
from roster.models import User
from roster.rights import Role

if TYPE_CHECKING:
    from events.services.offers import GivenUp

__all__ = [
    "discard_pending", "notify_cancelled", "notify_everybody", "notify_participants", "notify_people", "notify_person",
    "place_filled", "place_freed", "places_available", "together", "topic_of",
]  # fmt: skip


def topic_of(event: Event) -> str:
    """Return how the outbox names this event."""
    return f"event:{event.pk}"


def notify_everybody(code: str, event: Event) -> None:
    """Tell all active coordinators and members."""
    people = User.objects.active().with_role(Role.COORDINATOR, Role.MEMBER)
    notify_people(code, event, people.values_list("pk", flat=True))


def notify_participants(code: str, event: Event, payload: dict[str, Any] | None = None) -> None:
    """Tell everybody who is signed up."""
    notify_people(code, event, event.assignments.values_list("person", flat=True), payload)


def notify_person(code: str, assignment: Assignment) -> None:
    """Tell the person of the assignment, with the position they took or gave up."""
    position = assignment.position.description if assignment.position else ""
    notify_people(code, assignment.event, [assignment.person_id], {"position": position})


def notify_cancelled(code: str, event: Event) -> None:
    """Tell participants, those who wait for a place, and everybody who was about to hear of the event, at once."""
    waiting = OutboxMessage.objects.pending().about(topic_of(event))
    # Locked in the order of their keys, as everybody locks messages.
    people = set(waiting.select_for_update().order_by("id").values_list("recipient", flat=True)) - {None}
    waiting.update(send_after=None)
    for rows in (event.assignments, event.queue):
        people.update(rows.values_list("person", flat=True))
    notify_people(code, event, people)


def discard_pending(event: Event) -> None:
    """Drop what waits to be told about an event that is about to be deleted."""
    waiting = OutboxMessage.objects.pending().about(topic_of(event)).select_for_update().order_by("id")
    OutboxMessage.objects.filter(pk__in=[message.pk for message in waiting]).delete()


def notify_people(code: str, event: Event, people: Iterable[Any], payload: dict[str, Any] | None = None) -> None:
    """Tell these people (keys) about the event."""
    content = {"event_id": event.pk, "event_name": event.name, **(payload or {})}
    outbox.announce(code, recipients=people, topic=topic_of(event), payload=content, about=event.start)


def place_filled(event: Event, assignment: Assignment, *, by: Any) -> None:
    """Tell the responsible person who has come, unless they did it themselves."""
    leader = event.responsible_person_id
    if event.status in RUNNING and leader is not None and leader not in _keys(assignment.person, by):
        notify_people("place_filled", event, [leader], {"people": [_part(assignment)]})


def place_freed(event: Event, assignment: Assignment, *, by: Any, at: datetime) -> None:
    """Tell the responsible person who has left; so late that it is an alarm, the coordinators too."""
    if event.status not in RUNNING or event.is_archived or event.end <= at:
        return
    payload = {"people": [_part(assignment)]}
    alarmed = _alarm(event, assignment, payload) if _is_drop_out(event, at) else set()
    leader = event.responsible_person_id
    if leader is not None and leader not in alarmed | _keys(assignment.person, by):
        notify_people("place_freed", event, [leader], payload)


def _part(assignment: Assignment) -> list[Any]:
    """How a message remembers who it was about: keys, because names are looked up when it is sent."""
    return [str(assignment.person_id), assignment.position_id]


def _keys(*people: Any) -> set[Any]:
    return {person.pk for person in people if person is not None}


def _is_drop_out(event: Event, at: datetime) -> bool:
    return is_drop_out(at, event.start, event.end, SiteSettings.current().drop_out_hours)


def _alarm(event: Event, assignment: Assignment, payload: dict[str, Any]) -> set[Any]:
    """Tell everybody who has to find somebody else; return the responsible person if they were among them."""
    leader = event.responsible_person_id
    people = (_coordinators(event) - {assignment.person_id} | {leader}) - {None}
    notify_people("drop_out_alarm", event, people, payload)
    # Only the outbox knows whether they receive alarms at all.
    return {leader} if leader and outbox.receives(leader, "drop_out_alarm") else set()


def _coordinators(event: Event) -> set[Any]:
    ours = Q(groups__name=Role.COORDINATOR.value) | Q(coordinated_master_events=event.master_event_id)
    return set(User.objects.active().filter(ours).values_list("pk", flat=True))


def places_available(event: Event, places: Sequence[GivenUp], *, at: datetime, by: Any = None) -> None:
    """Tell everybody who could take one of the places that were given up and that the waiting list left free.

    Only what people can sign up for is told; spared are those who have a duty at that time, who gave the place up,
    and who took them off.
    """
    if not places or event.status != Status.OPEN or event.is_archived or event.start <= at:
        return
    keys = [place.position_id for place in places if place.position_id is not None]
    positions = list(Position.objects.free().filter(event=event, pk__in=keys))
    gave_up = {place.person_id for place in places}
    people = set(people_for_places(event, positions).values_list("pk", flat=True)) - gave_up - _keys(by)
    notify_people("place_available", event, people)
