"""Waiting list: queue, leave the queue, accept or decline an offer; and what time does to offers.

Lock order as everywhere: person, event, position. Whatever an answer brings about (the next offer, sign-ups that
reopen) follows from `lifecycle.settle_capacity`.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from events.models import Event, Offer, Position, QueueEntry
from events.querysets.waiting import ties_of
from events.rules import eligibility
from events.rules.eligibility import Facts, objections
from events.rules.lifecycle import Status
from events.rules.waiting import OfferState
from events.services import crew, notifications, offers
from events.services.lifecycle import settle_capacity
from events.services.locking import Gone, lock_event
from events.services.offers import GivenUp
from medcover.common.errors import DomainError
from medcover.system import audit
from roster.services import lock_person

logger = logging.getLogger(__name__)


@transaction.atomic
def queue(event_id: int, *, by: Any, at: datetime) -> QueueEntry:
    """Put the actor on the waiting list of an event that has no place for them now.

    Raises DomainError with the reason: no right, not open or closed, started, archived, coordinated, on the event or
    on the list already, a place is free for them, no position is ever one for them.
    """
    person = lock_person(by.pk)
    event = lock_event(event_id)
    _refuse_first(eligibility.TO_QUEUE, facts_to_queue(event, person, at=at))
    entry = QueueEntry(event=event, person=person, queued_at=at)
    summary = audit.sentence(
        _("%(person)s joined the waiting list of %(event)s"), {"person": person.name, "event": event.name}
    )
    with audit.trail(by=person, kind="create", summary=summary):
        entry.save()
    return entry


@transaction.atomic
@audit.recorded_together()
@notifications.together()
def unqueue(event_id: int, *, by: Any, at: datetime) -> None:
    """Take the actor off the waiting list; an open offer is declined by it. Raises DomainError for who is not on it."""
    event = lock_event(event_id)
    if not event.queue.filter(person=by).exists():
        raise DomainError(_("You are not on the waiting list of this event."))
    offer = event.offers.open().filter(person=by).select_related("person").first()
    if offer is None:
        offers.forget(event, by, by=by)
    else:
        _end(event, offer, OfferState.DECLINED, by=by, at=at)


@transaction.atomic
def accept(offer_id: int, *, by: Any, at: datetime, notify: bool = True) -> crew.Joined:
    """Sign the actor up for the place they were offered and, unless it is to be quiet, confirm it.

    Everything is asked again: what held when the offer was made may hold no more. Raises DomainError.
    """
    person = lock_person(by.pk)
    event, offer = _lock_offer(offer_id, person)
    if offer.expires_at <= at:
        raise DomainError(_("The time to answer this offer has passed."))
    position = _lock_position(event, offer, person)
    ties = ties_of(person, event)
    facts = replace(
        crew.facts_to_join(event, position, person, ties),
        has_started=event.start <= at,
        capacity_closed=event.capacity_closed,
    )
    _refuse_first(eligibility.TO_ACCEPT, facts)
    return crew.create_assignment(event, position, person, ties, by=person, at=at, notify=notify)


@transaction.atomic
@audit.recorded_together()
@notifications.together()
def decline(offer_id: int, *, by: Any, at: datetime) -> Event:
    """Refuse an offer: the place goes to the next one, and the actor is off the waiting list. Raises DomainError."""
    event, offer = _lock_offer(offer_id, by)
    _end(event, offer, OfferState.DECLINED, by=by, at=at)
    return event


def _lock_offer(offer_id: int, person: Any) -> tuple[Event, Offer]:
    """Lock the event of an offer to this person and read the offer afresh."""
    mine = Offer.objects.filter(pk=offer_id, person=person)
    event_id = mine.values_list("event", flat=True).first()
    if event_id is None:
        raise Gone(_("The offer does not exist."))
    event = lock_event(event_id)
    offer = mine.open().select_related("person").first()
    if offer is None:
        raise DomainError(_("This offer is not open any more."))
    return event, offer


def _lock_position(event: Event, offer: Offer, person: Any) -> Position | None:
    """Lock the offered position; a seat has none. Raises Gone when the event is staffed in the other way by now."""
    if (offer.position_id is None) != event.by_conditions:
        raise Gone(_("This position no longer exists."))
    if offer.position_id is None:
        return None
    return crew.lock_position(event, offer.position_id, person)


def facts_to_queue(event: Event, person: Any, *, at: datetime) -> Facts:
    """Read what the rules of queueing ask about; true until commit while the event is locked."""
    facts = replace(
        crew.facts_to_leave(event, person),
        has_right=person.has_perm("events.assign_own"),
        already_on_event=event.assignments.filter(person=person).exists(),
        has_started=event.start <= at,
        is_waiting=event.queue.filter(person=person).exists(),
    )
    is_open = event.status == Status.OPEN
    if event.by_conditions:
        held = crew.held_on_duty(event, person)
        return replace(facts, has_place_now=is_open and event.crew_of_now().may_be_joined_by(held))
    fitting = event.positions.fillable_by(person)
    return replace(facts, has_place_now=is_open and fitting.free().exists(), could_fit=fitting.exists())


def _refuse_first(checkers: tuple[eligibility.Checker, ...], facts: Facts) -> None:
    for reason in objections(checkers, facts):
        raise DomainError(reason)


def _end(event: Event, offer: Offer, state: OfferState, *, at: datetime, by: Any = None) -> None:
    """Close an offer that does not become a sign-up, and let its place go on; whoever had it waits no longer."""
    offers.close(event, offer, state, by=by, at=at)
    offers.forget(event, offer.person, by=by)
    settle_capacity(event, freed=True, at=at)
    notifications.places_available(event, [GivenUp(offer.position_id, offer.person_id)], at=at)


# --- what time and changes of people do -------------------------------------------------------------------------


def expire_due(*, at: datetime) -> int:
    """End the offers that nobody answered in time and let their places go on; return how many.

    May run late or twice: each offer is looked at again under the lock of its event. One event's trouble never
    stops the others.
    """
    due = Offer.objects.due_to_expire(at).order_by("expires_at", "pk").values_list("pk", "event")
    return sum(_expired_safely(*keys, at=at) for keys in list(due))


def _expired_safely(offer_id: int, event_id: int, *, at: datetime) -> bool:
    try:
        return _expire(offer_id, event_id, at=at)
    except Gone:
        logger.warning("Event %s vanished before its offer expired", event_id)
    except Exception:
        logger.exception("Letting an offer of event %s expire failed", event_id)
    return False


@transaction.atomic
@audit.recorded_together()
@notifications.together()
def _expire(offer_id: int, event_id: int, *, at: datetime) -> bool:
    event = lock_event(event_id)
    offer = Offer.objects.due_to_expire(at).filter(pk=offer_id).select_related("person").first()
    if offer is None:
        return False
    notifications.notify_people("offer_expired", event, [offer.person_id])
    _end(event, offer, OfferState.EXPIRED, at=at)
    return True
