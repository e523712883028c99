"""Querysets of waiting lists, offers and hand-overs."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db import connection, models
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from events.rules.lifecycle import Status
from events.rules.waiting import HandOverState, OfferState
from medcover.common.db import Constant


class QueueQuerySet(models.QuerySet):
    """Entries of waiting lists."""

    def in_order(self) -> QueueQuerySet:
        """First come, first served."""
        return self.order_by("queued_at", "id")

    def with_open_offer(self) -> QueueQuerySet:
        """Carry `offer_id`, `offer_until` and `offer_position` (its key) of the person's open offer, or None."""
        mine = _open_offers().filter(event=OuterRef("event"), person=OuterRef("person"))
        carried = {"offer_id": "pk", "offer_until": "expires_at", "offer_position": "position"}
        fields: Any = {name: Subquery(mine.values(column)[:1]) for name, column in carried.items()}
        found: QueueQuerySet = self.annotate(**fields)
        return found


class OfferQuerySet(models.QuerySet):
    """Offers of free places."""

    def open(self) -> OfferQuerySet:
        """Offers that wait for an answer, those whose time has just passed included."""
        return self.filter(state=Constant(OfferState.OPEN))

    def due_to_expire(self, at: datetime) -> OfferQuerySet:
        """Open offers that nobody has answered in time."""
        return self.open().filter(expires_at__lte=at)

    def answerable(self, at: datetime) -> OfferQuerySet:
        """Open offers that can still be accepted."""
        return self.open().filter(expires_at__gt=at)

    def with_clash(self) -> OfferQuerySet:
        """Carry `has_clash`: whether the person has another duty at the time of the event."""
        return self.annotate(has_clash=_other_duty("person"))


class HandOverQuerySet(models.QuerySet):
    """Proposals to hand a duty over."""

    def open(self) -> HandOverQuerySet:
        """Proposals that wait for an answer."""
        return self.filter(state=HandOverState.PROPOSED)

    def answerable(self, at: datetime) -> HandOverQuerySet:
        """Open proposals about duties that have not begun."""
        return self.open().filter(event__start__gt=at)

    def with_duty(self) -> HandOverQuerySet:
        """Carry `position_name`, what is to be handed over, and `has_clash` of whoever is asked."""
        from events.models import Assignment

        duty = Assignment.objects.filter(event=OuterRef("event"), person=OuterRef("person"))
        name = Subquery(duty.values("position__description")[:1])
        return self.annotate(position_name=name, has_clash=_other_duty("substitute"))

    def concerning(self, person: Any) -> HandOverQuerySet:
        """Proposals that the person has made or is to answer."""
        return self.filter(Q(person=person) | Q(substitute=person))


def _open_offers() -> Any:
    from events.models import Offer

    return Offer.objects.open().order_by()


class Ties(NamedTuple):
    """Relation of a person to an event: assigned, waiting, offered a place, and whether they may sign up."""

    is_on_event: bool
    waits: bool  # on the waiting list, or with an open offer
    is_asked: bool  # to take a duty over
    is_coordinated: bool  # a coordinator places people on the event


#: Written out, because every sign-up asks for it under the event's lock and building it anew takes longer than running.
_TIES = """
SELECT EXISTS(SELECT FROM events_assignment WHERE event_id = %(event)s AND person_id = %(person)s),
       EXISTS(SELECT FROM events_queueentry WHERE event_id = %(event)s AND person_id = %(person)s)
    OR EXISTS(SELECT FROM events_offer WHERE event_id = %(event)s AND person_id = %(person)s AND state = %(open)s),
       EXISTS(SELECT FROM events_handover
              WHERE event_id = %(event)s AND substitute_id = %(person)s AND state = %(proposed)s),
       EXISTS(SELECT FROM events_masterevent WHERE id = %(master)s AND coordinator_id IS NOT NULL)
"""


def ties_of(person: Any, event: Any) -> Ties:
    """Read it by one query; whatever is false needs no other."""
    states = {"open": OfferState.OPEN.value, "proposed": HandOverState.PROPOSED.value}
    with connection.cursor() as cursor:
        cursor.execute(_TIES, {"event": event.pk, "master": event.master_event_id, "person": person.pk, **states})
        return Ties(*cursor.fetchone())


def is_held() -> Exists:
    """SQL condition on a position: it is held for somebody by an open offer."""
    return Exists(_open_offers().filter(position=OuterRef("pk")))


def held_until(*, unless_for: Any) -> Subquery:
    """SQL expression on a position: until when it is held for somebody other than this person."""
    held = _open_offers().filter(position=OuterRef("pk")).exclude(person=unless_for)
    return Subquery(held.values("expires_at")[:1])


def people_who_may_sign_up(event: Any) -> Any:
    """Return the active people who may take a place on the event by themselves, were there one that fits."""
    right = "events.assign_other" if event.master_event.is_coordinated else "events.assign_own"
    return get_user_model().objects.holding_permission(right)


def _other_duty(person: str) -> Exists:
    """SQL condition on a row of an event: the person named by this column has another duty at its time."""
    from events.models import Assignment

    binding = Assignment.objects.binding().filter(person=OuterRef(person)).exclude(event=OuterRef("event"))
    return Exists(binding.filter(event__start__lt=OuterRef("event__end"), event__end__gt=OuterRef("event__start")))


def clash_with(event: Any) -> Exists:
    """SQL condition on a person: they have another binding duty at the time of the event."""
    from events.models import Assignment

    return Exists(Assignment.objects.clashing_with(event).filter(person=OuterRef("pk")))


def duties_between(since: datetime, until: datetime) -> Coalesce:
    """SQL expression on a person: how many of their duties began in [since, until), cancelled ones aside."""
    from events.models import Assignment

    served = Assignment.objects.filter(person=OuterRef("pk"), event__start__gte=since, event__start__lt=until)
    counted = served.exclude(event__status=Status.CANCELLED).order_by().values("person").annotate(number=Count("pk"))
    return Coalesce(Subquery(counted.values("number"), output_field=IntegerField()), 0)


def in_queue_of(event: Any) -> Subquery:
    """SQL expression on a person: since when they wait for a place on the event, or None."""
    from events.models import QueueEntry

    entries = QueueEntry.objects.filter(event=event, person=OuterRef("pk"))
    return Subquery(entries.values("queued_at")[:1])
