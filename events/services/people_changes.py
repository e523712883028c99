"""Consequences for events when people, their rights or what they are qualified for change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from events.models import Event, QueueEntry
from events.rules.waiting import HandOverState, OfferState
from events.services import notifications, offers, proposals, responsible
from events.services.lifecycle import settle_capacity
from events.services.offers import GivenUp
from roster.models import User


@transaction.atomic
def recheck_people(person_ids: Sequence[Any] | None, *, at: datetime) -> None:
    """Look again at who leads and who waits after something about these people changed (None: anybody)."""
    waited_for = _with_open_questions(person_ids)
    # All of them first and in one order, because the two steps below walk through different ones.
    keys = {*responsible.concerned(person_ids), *waited_for}
    list(Event.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))
    responsible.recheck(person_ids)
    for event in Event.objects.filter(pk__in=waited_for).order_by("pk"):
        recheck_event(event, at=at)


def _with_open_questions(person_ids: Sequence[Any] | None) -> list[int]:
    """Return the keys of living events on which these people wait for a place or are asked to step in."""
    asked = Q(hand_overs__state=HandOverState.PROPOSED)
    if person_ids is None:
        involved = Q(queue__isnull=False) | asked
    else:
        involved = Q(queue__person__in=person_ids) | (asked & Q(hand_overs__substitute__in=person_ids))
    living = Event.objects.not_final().not_archived().order_by("pk")
    return list(living.filter(involved).distinct().values_list("pk", flat=True))


def recheck_event(event: Event, *, at: datetime) -> None:
    """Strike from a locked event's waiting list whoever may not sign up any more, and offer what is free."""
    entitled = User.objects.holding_permission("events.assign_own")
    given_up: list[GivenUp] = []
    for entry in event.queue.exclude(person__in=entitled).select_related("person", "event"):
        given_up += _let_go(event, entry, at=at)
    for asked in User.objects.filter(hand_overs_to_answer__in=event.hand_overs.open()).exclude(pk__in=entitled):
        proposals.of_substitute(event, asked, at=at)
    settle_capacity(event, at=at)
    notifications.places_available(event, given_up, at=at)


def _let_go(event: Event, entry: QueueEntry, *, at: datetime) -> list[GivenUp]:
    """Strike somebody from the waiting list; return what was held for them."""
    held = list(event.offers.open().filter(person=entry.person).select_related("person"))
    for offer in held:
        offers.close(event, offer, OfferState.WITHDRAWN, at=at)
    offers.strike(entry)
    return [GivenUp(offer.position_id, offer.person_id) for offer in held]
