"""Who hears of places that were freed and filled; the event is always locked.

A release shortly before the start is a drop-out: whoever has to find somebody is told at once whom to ask.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from events.models import Assignment, Event, Position
from events.querysets.standins import people_for_places
from events.rules.lifecycle import RUNNING, Status
from events.rules.waiting import is_drop_out
from events.services import telling
from events.services.offers import GivenUp
from medcover.system.models import SiteSettings
from notifications import services as outbox
from roster.models import User
from roster.rights import Role


def filled(event: Event, assignment: Assignment, *, by: Any) -> None:
    """Tell the responsible person who has come, unless they did it themselves."""
    leader = event.responsible_person_id
    if event.status in RUNNING and leader is not None and leader not in _keys(assignment.person, by):
        telling.tell_people("place_filled", event, [leader], {"people": [_part(assignment)]})


def freed(event: Event, assignment: Assignment, *, by: Any, at: datetime) -> None:
    """Tell the responsible person who has left; so late that it is an alarm, the coordinators too."""
    if event.status not in RUNNING or event.is_archived or event.end <= at:
        return
    payload = {"people": [_part(assignment)]}
    alarmed = _alarm(event, assignment, payload) if _is_drop_out(event, at) else set()
    leader = event.responsible_person_id
    if leader is not None and leader not in alarmed | _keys(assignment.person, by):
        telling.tell_people("place_freed", event, [leader], payload)


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
    telling.tell_people("drop_out_alarm", event, people, payload)
    # Only the outbox knows whether they receive alarms at all.
    return {leader} if leader and outbox.receives(leader, "drop_out_alarm") else set()


def _coordinators(event: Event) -> set[Any]:
    ours = Q(groups__name=Role.COORDINATOR.value) | Q(coordinated_master_events=event.master_event_id)
    return set(User.objects.active().filter(ours).values_list("pk", flat=True))


def available(event: Event, places: Sequence[GivenUp], *, at: datetime, by: Any = None) -> None:
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
    telling.tell_people("place_available", event, people)
