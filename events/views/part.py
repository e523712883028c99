"""Waiting and handing over on an event page: the reader's place in the queue, offers, proposals."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils import timezone

from events import policies
from events.models import Event, HandOver, Offer, QueueEntry
from events.rules.eligibility import TO_HAND_OVER, TO_QUEUE, Facts, objections
from medcover.common.prepared import KEY, MOMENT, UUID, prepared


@dataclass(frozen=True)
class HeldPlace:
    """What the reader has been offered; `place` is the key of the position, None where it is a seat without one."""

    pk: int
    until: datetime
    place: int | None
    position: str


@dataclass(frozen=True)
class WaitingPart:
    """What a page of an event says about waiting and handing over, for one reader."""

    entries: Collection[QueueEntry] = ()
    turn: int = 0  # the reader's place in the queue; 0 when they are not in it
    offer: HeldPlace | None = None
    may_queue: bool = False
    shows_names: bool = False  # of those who wait
    hand_over: HandOver | None = None  # the reader has asked somebody
    asked: Collection[HandOver] = ()  # somebody has asked the reader
    may_hand_over: bool = False

    @property
    def is_empty(self) -> bool:
        """There is nothing to say."""
        about_me = self.turn or self.may_queue or self.hand_over or self.asked or self.may_hand_over
        return not (about_me or self.shows_names)


def read_part(event: Any, reader: Any, facts: Facts, *, has_place: bool) -> WaitingPart:
    """Read the reader's part of an event that was read `with_part_of` them; two queries, three where people wait.

    `has_place` says that some position is free for the reader at once.
    """
    now = timezone.now()
    if event.is_final or event.is_archived or event.start <= now:
        return WaitingPart()
    entries = _entries(event=event.pk)
    mine = next((entry for entry in entries if entry.person_id == reader.pk), None)
    here = replace(facts, has_started=False, is_waiting=mine is not None, **_chances(event, has_place))
    proposals = _proposals(event=event.pk, reader=reader.pk, now=now)
    hand_over = next((proposal for proposal in proposals if proposal.person_id == reader.pk), None)
    on_event = facts.already_on_event
    return WaitingPart(
        entries=entries,
        turn=entries.index(mine) + 1 if mine else 0,
        offer=_offer(event, mine, now),
        may_queue=not objections(TO_QUEUE, here),
        shows_names=bool(entries) and _shows_names(event, reader),
        hand_over=hand_over,
        asked=[proposal for proposal in proposals if proposal.substitute_id == reader.pk],
        may_hand_over=on_event and hand_over is None and not objections(TO_HAND_OVER, here),
    )


@prepared(event=KEY)
def _entries(p: Any) -> Any:
    return QueueEntry.objects.filter(event=p.event).in_order().select_related("person").with_open_offer()


@prepared(event=KEY, reader=UUID, now=MOMENT)
def _proposals(p: Any) -> Any:
    about = HandOver.objects.filter(event=p.event).answerable(p.now).concerning(p.reader)
    return about.select_related("person", "substitute")


def _chances(event: Any, has_place: bool) -> dict[str, Any]:
    if not event.by_conditions:
        fits = any(position.is_fillable for position in event.positions.all())
        return {"has_place_now": has_place, "could_fit": fits}
    is_open = event.status == Event.Status.OPEN
    return {"has_place_now": is_open and event.crew.may_be_joined_by(event.my_holdings)}


def _offer(event: Any, entry: Any, now: datetime) -> HeldPlace | None:
    if entry is None or entry.offer_id is None or entry.offer_until <= now:
        return None
    names = {position.pk: str(position) for position in event.positions.all()} if entry.offer_position else {}
    return HeldPlace(entry.offer_id, entry.offer_until, entry.offer_position, names.get(entry.offer_position, ""))


def _shows_names(event: Any, reader: Any) -> bool:
    """Whoever finds people for the event sees who waits; of the others everybody only their own turn."""
    return event.responsible_person_id == reader.pk or policies.may_manage_crew(reader, event)


@dataclass(frozen=True)
class Questions:
    """Offers and proposals that wait for the reader's answer."""

    offers: Collection[Offer]
    hand_overs: Collection[HandOver]


def questions_to(reader: Any, now: datetime) -> Questions:
    """Read the open offers and proposals addressed to the reader; two queries."""
    return Questions(_offers(reader=reader.pk, now=now), _asked(reader=reader.pk, now=now))


@prepared(reader=UUID, now=MOMENT)
def _offers(p: Any) -> Any:
    offers = Offer.objects.answerable(p.now).filter(person=p.reader).with_clash()
    return offers.select_related("event", "position").order_by("expires_at")


@prepared(reader=UUID, now=MOMENT)
def _asked(p: Any) -> Any:
    asked = HandOver.objects.answerable(p.now).filter(substitute=p.reader).with_duty()
    return asked.select_related("event", "person").order_by("event__start")
