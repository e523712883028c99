"""Offers of free places to the waiting list, as far as they follow by themselves; the event is always locked.

An open offer holds its place: nobody else can sign up for it, and it counts as taken when sign-ups close. Whoever
has an open offer stays on the waiting list until they answer, so that a withdrawn offer costs nobody their turn.
What people do with their offers is in `waiting`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from credentials.models import Holding
from events.models import Event, Offer, Position, QueueEntry
from events.querysets.waiting import people_who_may_sign_up
from events.rules.lifecycle import Status
from events.rules.waiting import FreePlace, OfferState, Waiting, offer_deadline, offers_of_places, offers_of_seats
from events.services import notifications, proposals
from medcover.common import formats
from medcover.common.intervals import local_day
from medcover.system import audit
from medcover.system.models import SiteSettings

_CLOSING = {
    OfferState.ACCEPTED: _("%(person)s accepted the offered place on %(event)s"),
    OfferState.DECLINED: _("%(person)s declined the offered place on %(event)s"),
    OfferState.EXPIRED: _("The offer of a place on %(event)s to %(person)s expired"),
    OfferState.WITHDRAWN: _("The offer of a place on %(event)s to %(person)s was withdrawn"),
}


@dataclass(frozen=True)
class GivenUp:
    """A position, or with None a seat, that became free again, and who gave it up or lost it."""

    position_id: int | None
    person_id: Any


def settle(event: Event, *, freed: bool = False, at: datetime | None = None) -> list[GivenUp]:
    """Withdraw what cannot be kept, then offer what is free to whoever waits, if anybody; return what was withdrawn.

    Offers are made while sign-ups are open, or closed only because everything was taken. `freed` says that somebody
    has just left: that reopens an event with positions even if it was closed by hand, so it is offered, too.
    """
    moment = at or timezone.now()
    line = _read(event)
    withdrawn = [_withdraw(event, offer, at=moment) for offer in _untenable(event, line)]
    if _makes_offers(event, freed=freed) and moment < event.start:
        _offer(event, _read(event) if withdrawn else line, at=moment)
    return withdrawn


def _makes_offers(event: Event, *, freed: bool) -> bool:
    return event.status == Status.OPEN or event.capacity_closed or (freed and not event.by_conditions)


# --- who waits, and what they are able to do ------------------------------------------------------------------


@dataclass(frozen=True)
class _Line:
    """The waiting list: who may be offered something, the open offers, and what each person is able to do."""

    waiting: Sequence[Waiting]
    offers: Sequence[Offer]
    able: Mapping[Any, Collection[int]]  # only of people who may sign up


def _read(event: Event) -> _Line:
    offers = list(event.offers.open().select_related("person", "position").order_by("offered_at", "pk"))
    keys = list(event.queue.in_order().values_list("person", flat=True))
    entitled = set(people_who_may_sign_up(event).filter(pk__in=keys).values_list("pk", flat=True))
    able = {key: frozenset(found) for key, found in _abilities(event, entitled).items()}
    busy = {offer.person_id for offer in offers} | set(event.assignments.values_list("person", flat=True))
    waiting = [Waiting(key, able[key]) for key in keys if key in entitled and key not in busy]
    return _Line(waiting, offers, able)


def _abilities(event: Event, people: Collection[Any]) -> dict[Any, set[int]]:
    """Return per person the keys of what they hold on the event's day; with positions, of what they may serve as."""
    day = local_day(event.start, timezone.get_current_timezone())
    column = "qualification" if event.by_conditions else "qualification__satisfies__requirement"
    found: dict[Any, set[int]] = {key: set() for key in people}
    for person, key in Holding.objects.valid_on(day).filter(person__in=people).values_list("person", column):
        found[person].add(key)
    return found


# --- withdrawing ----------------------------------------------------------------------------------------------


def _untenable(event: Event, line: _Line) -> list[Offer]:
    """Return the open offers whose person could not accept any more, or whose place somebody has been put on."""
    fits = _fits_seat if event.by_conditions else _fits_place
    kept = [offer for offer in line.offers if offer.person_id in line.able and fits(event, offer, line.able)]
    for offer in kept:
        _end_with_start(event, offer)
    return [offer for offer in line.offers if offer not in kept] + _beyond_capacity(event, kept)


def _fits_place(event: Event, offer: Offer, able: Mapping[Any, Collection[int]]) -> bool:
    if offer.position is None or event.assignments.filter(position=offer.position).exists():
        return False
    demands = offer.position.qualifications.living().values_list("pk", flat=True)
    return set(demands) <= set(able[offer.person_id])


def _fits_seat(event: Event, offer: Offer, able: Mapping[Any, Collection[int]]) -> bool:
    crew = event.crew_of_now().without_promises()
    return offer.position_id is None and crew.may_be_joined_by(able[offer.person_id])


def _beyond_capacity(event: Event, offers: list[Offer]) -> list[Offer]:
    """Return the newest offers of seats for which no seat is left."""
    if not event.by_conditions or not offers:
        return []
    seats = max(0, (event.max_participants or 0) - event.assignments.count())
    return offers[seats:]


def _end_with_start(event: Event, offer: Offer) -> None:
    """An event that was moved forward may begin before the offer would end."""
    if offer.expires_at > event.start:
        offer.expires_at = max(event.start, offer.offered_at)
        with audit.trail(kind="edit"):
            offer.save(update_fields=["expires_at"])


def _withdraw(event: Event, offer: Offer, *, at: datetime) -> GivenUp:
    close(event, offer, OfferState.WITHDRAWN, at=at)
    notifications.notify_people("offer_withdrawn", event, [offer.person_id])
    return GivenUp(offer.position_id, offer.person_id)


def close(event: Event, offer: Offer, state: OfferState, *, at: datetime, by: Any = None) -> None:
    """Write what has become of an open offer; it holds its place no more."""
    offer.state, offer.answered_at = state, at
    summary = audit.sentence(_CLOSING[state], {"person": offer.person.name, "event": event.name})
    with audit.trail(by=by, kind="edit", summary=summary):
        offer.save(update_fields=["state", "answered_at"])
    event.conditions_read = None


def withdraw_all(event: Event, *, at: datetime) -> None:
    """Take back every open offer, because sign-ups were closed by hand; those people keep their turn, and are told."""
    for offer in event.offers.open().select_related("person"):
        _withdraw(event, offer, at=at)


def withdraw_of_position(position: Position, *, at: datetime) -> None:
    """Take back the open offer of a position that is about to be deleted."""
    for offer in position.offers.open().select_related("person"):
        _withdraw(position.event, offer, at=at)


def drop_all(event: Event, *, at: datetime) -> None:
    """Delete the waiting list and close open offers and proposals of an event that is over or archived.

    Silently: who was waiting hears of the end of the event itself.
    """
    for offer in event.offers.open().select_related("person"):
        close(event, offer, OfferState.WITHDRAWN, at=at)
    for entry in event.queue.select_related("person"):
        strike(entry)
    proposals.drop_all(event, at=at)


def strike(entry: QueueEntry, *, by: Any = None) -> None:
    """Delete somebody's entry in the waiting list."""
    words = {"person": entry.person.name, "event": entry.event.name}
    summary = audit.sentence(_("%(person)s left the waiting list of %(event)s"), words)
    with audit.trail(by=by, kind="delete", summary=summary):
        entry.delete()


def forget(event: Event, person: Any, *, by: Any = None) -> None:
    """Take the person off the waiting list of the event if they are on it."""
    for entry in event.queue.filter(person=person).select_related("person", "event"):
        strike(entry, by=by)


# --- offering -------------------------------------------------------------------------------------------------


def _offer(event: Event, line: _Line, *, at: datetime) -> None:
    """Offer every free place to the first whom it fits."""
    if not line.waiting:
        return
    pairs: Iterable[tuple[Any, int | None]]
    if event.by_conditions:
        pairs = [(person, None) for person in offers_of_seats(event.crew_of_now(), line.waiting)]
    else:
        pairs = offers_of_places(_free_places(event), line.waiting)
    hours = SiteSettings.current().offer_hours if pairs else 0
    for person, position in pairs:
        _make(event, person, position, at=at, until=offer_deadline(at, event.start, hours))
    event.conditions_read = None


def _free_places(event: Event) -> list[FreePlace]:
    demands: dict[int, set[int]] = defaultdict(set)
    living = Position.qualifications.through.objects.filter(position__event=event, qualification__is_deleted=False)
    for position, qualification in living.values_list("position", "qualification"):
        demands[position].add(qualification)
    free = event.positions.free().order_by("is_optional", "pk").values_list("pk", flat=True)
    return [FreePlace(key, frozenset(demands[key])) for key in free]


def _make(event: Event, person_id: Any, position_id: int | None, *, at: datetime, until: datetime) -> None:
    offer = Offer(event=event, person_id=person_id, position_id=position_id, offered_at=at, expires_at=until)
    words = {"person": offer.person.name, "event": event.name}
    summary = audit.sentence(_("A place on %(event)s was offered to %(person)s"), words)
    with audit.trail(kind="create", summary=summary):
        offer.save()
    notifications.notify_people("place_offered", event, [person_id], {"offer": offer.pk})


# --- what signing up asks about and brings about ------------------------------------------------------------------


def seat_held_until(event: Event) -> str:
    """Return, in words, when the first of the offered seats may become free; empty when none is offered."""
    first = event.offers.open().order_by("expires_at").first()
    return in_words(first.expires_at if first else None)


def in_words(until: datetime | None) -> str:
    """Return until when something is held; empty when it is not."""
    return formats.date_time(until, timezone.get_current_timezone()) if until else ""


def joined(event: Event, position: Position | None, person: Any, *, by: Any, at: datetime) -> list[GivenUp]:
    """Close what the person was offered and take them off the waiting list, now that they are on the event.

    Whoever took another place than the offered one gives that one up; it is returned.
    """
    taken, given_up = position.pk if position else None, []
    for offer in event.offers.open().filter(person=person).select_related("person"):
        same = offer.position_id == taken
        close(event, offer, OfferState.ACCEPTED if same else OfferState.WITHDRAWN, by=by, at=at)
        given_up += [] if same else [GivenUp(offer.position_id, offer.person_id)]
    forget(event, person, by=by)
    return given_up
