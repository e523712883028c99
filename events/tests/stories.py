"""Small things that many tests of this app say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from credentials.tests.factories import hold
from events.models import Assignment, Event
from events.tests.factories import (
    EVENING,
    CapacityEventFactory,
    ConditionFactory,
    EventFactory,
    PositionFactory,
    put,
)
from medcover.system import audit
from medcover.system.models import AuditEntry, SiteSettings
from notifications.models import OutboxMessage
from roster.models import User
from roster.tests.factories import make_member

#: Some days before the evening of the usual event.
NOW = EVENING - timedelta(days=10)


def make_event(leading: Any, *, places: int = 2, optional: int = 0, **fields: Any) -> Event:
    """An event with `places` mandatory positions, the first for `leading`, the others for anyone."""
    event: Event = EventFactory(**fields)
    for number in range(places):
        PositionFactory(event=event, qualifications=[leading] if number == 0 else [])
    for _n in range(optional):
        PositionFactory(event=event, is_optional=True)
    return event


def make_capacity_event(demands: dict[Any, int], *, minimum: int = 2, maximum: int = 4, **fields: Any) -> Event:
    """An event staffed by conditions: qualification → how many."""
    event: Event = CapacityEventFactory(min_participants=minimum, max_participants=maximum, **fields)
    for order, (qualification, count) in enumerate(demands.items()):
        ConditionFactory(event=event, qualification=qualification, minimum=count, order=order)
    return event


def able(*qualifications: Any, **fields: Any) -> User:
    """A member who holds the qualifications."""
    person = make_member(**fields)
    hold(person, *qualifications)
    return person


def fill(event: Event, *people: User) -> None:
    """Put people on the free positions directly, in the order of the positions, past every rule."""
    for person, position in zip(people, event.positions.free().order_by("id"), strict=False):
        put(person, position)


def place(event: Event, *people: User) -> None:
    """Put people on an event staffed by conditions directly, past every rule."""
    with audit.unrecorded():
        for person in people:
            Assignment.objects.create(event=event, person=person)


def want_rest(hours: int) -> None:
    """The site wants so much rest between two duties of one person."""
    SiteSettings.objects.update_or_create(pk=1, defaults={"minimum_rest_hours": hours})


def told(code: str | None = None) -> set[tuple[str, Any]]:
    """What waits in the outbox, as pairs of type and recipient."""
    messages = OutboxMessage.objects.filter(code=code) if code else OutboxMessage.objects.all()
    return {(message.code, message.recipient) for message in messages.select_related("recipient")}


def history(event: Event, **conditions: Any) -> list[AuditEntry]:
    """Audit entries of the event, oldest first."""
    return list(AuditEntry.objects.filter(event_id=event.pk, **conditions).order_by("id"))
