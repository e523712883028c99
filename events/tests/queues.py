"""Waiting lists for tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from events.models import Event, Offer, QueueEntry
from events.services import crew
from events.tests.stories import NOW, able, fill, make_capacity_event, make_event, place
from medcover.common.errors import DomainError
from roster.models import User
from roster.tests.factories import make_member


def wait(event: Event, *people: User, since: datetime = NOW) -> None:
    """Put people on the waiting list directly, past every rule, one minute after another."""
    for number, person in enumerate(people):
        QueueEntry.objects.create(event=event, person=person, queued_at=since + timedelta(minutes=number))


def full_event(leading: Any, **fields: Any) -> tuple[Event, User, User]:
    """An event with two positions, closed because both are taken: by its leader and by a member."""
    event = make_event(leading, status=Event.Status.CLOSED, capacity_closed=True, **fields)
    leader, other = able(leading), make_member()
    fill(event, leader, other)
    Event.objects.filter(pk=event.pk).update(responsible_person=leader)
    return fresh(event), leader, other


def full_capacity_event(demands: dict[Any, int], *people: User, maximum: int, **fields: Any) -> Event:
    """An event staffed by conditions, closed because the people fill it; the first of them leads."""
    event = make_capacity_event(
        demands, minimum=1, maximum=maximum, status=Event.Status.CLOSED, capacity_closed=True, **fields
    )
    place(event, *people)
    Event.objects.filter(pk=event.pk).update(responsible_person=people[0])
    return fresh(event)


def offered(event: Event) -> list[User]:
    """To whom places are offered now, in the order of the offers."""
    return [offer.person for offer in event.offers.open().select_related("person").order_by("offered_at", "pk")]


def offer_to(person: User) -> Offer:
    """The one open offer to this person."""
    return Offer.objects.open().get(person=person)


def offered_place(event: Event, leaver: User, person: User, *, at: datetime = NOW) -> Offer:
    """Let somebody leave so that the place is offered to the person, who is the only one to wait."""
    wait(event, person)
    crew.leave(event.pk, by=leaver, at=at)
    return offer_to(person)


def waiting(event: Event) -> list[User]:
    """Who is on the waiting list, in order."""
    return [entry.person for entry in event.queue.in_order().select_related("person")]


def fresh(row: Any) -> Any:
    """The row as it is in the database."""
    return type(row).objects.get(pk=row.pk)


def state_of(row: Any) -> str:
    """What has become of an offer or a proposal."""
    return str(fresh(row).state)


def refused(call: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    """The sentence with which a call is refused."""
    with pytest.raises(DomainError) as error:
        call(*args, **kwargs)
    return str(error.value)
