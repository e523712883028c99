"""Context of mails about duties and about freed, offered and handed-over places; read at the moment of sending.

Each function returns None when its message has lost its point.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from django.utils import timezone

from events.models import Event, HandOver, Offer, Position
from events.querysets.conflicts import conflicts_of
from events.rules.lifecycle import RUNNING, Status
from events.rules.readiness import reasons_in
from events.services.crew import held_on_duty
from events.substitutes import people_to_ask
from medcover.common import formats
from medcover.common.phones import dialable
from notifications.registry import Payload
from roster.models import User

Facts = dict[str, Any] | None


def gather(name: str) -> Callable[[Payload, Payload], Payload]:
    """Return a merge rule: the list under `name` grows, everything else is as the newer message says."""

    def merge(old: Payload, new: Payload) -> Payload:
        listed = [*old.get(name, []), *new.get(name, [])]
        return {**new, name: [row for place, row in enumerate(listed) if row not in listed[:place]]}

    return merge


def _offered(payload: Payload, event: Event, reader: Any) -> Facts:
    offer = Offer.objects.answerable(timezone.now()).filter(pk=payload["offer"]).select_related("position").first()
    if offer is None:
        return None
    until = formats.date_time(offer.expires_at, timezone.get_current_timezone())
    return {"position": offer.position, "until": until, "clashes": conflicts_of(reader, event).clashes}


def _ended(_payload: Payload, event: Event, reader: Any) -> Facts:
    return {"keeps_turn": event.queue.filter(person=reader).exists()}


def _people(payload: Payload, event: Event, _reader: Any) -> Facts:
    return {"people": _named(payload, event)}


def _named(payload: Payload, event: Event) -> list[tuple[str, str]]:
    """Return name and position of each person the message is about; positions that are gone have no name."""
    rows = payload.get("people", [])
    names = {
        str(key): name for key, name in User.objects.filter(pk__in=[row[0] for row in rows]).values_list("pk", "name")
    }
    positions = {position.pk: str(position) for position in event.positions.filter(pk__in=[row[1] for row in rows])}
    return [(names[person], positions.get(position, "")) for person, position in rows if person in names]


def _alarm(payload: Payload, event: Event, reader: Any) -> Facts:
    rows = payload.get("people", [])
    open_places = list(event.positions.unoccupied().filter(pk__in=[row[1] for row in rows]))
    is_filled = event.crew_of_now().without_promises().is_full if event.by_conditions else not open_places
    if is_filled or event.status not in RUNNING or event.is_archived or event.end <= timezone.now():
        return None
    asked = people_to_ask(event, open_places, at=timezone.now(), exclude=[reader.pk, *(row[0] for row in rows)])
    return {
        "people": _named(payload, event),
        "to_ask": [(stand_in, dialable(stand_in.person.phone)) for stand_in in asked],
        "offered": _offered_to(event),
    }


def _offered_to(event: Event) -> list[tuple[str, str]]:
    zone = timezone.get_current_timezone()
    offers = event.offers.answerable(timezone.now()).select_related("person")
    return [(offer.person.name, formats.date_time(offer.expires_at, zone)) for offer in offers]


def _available(_payload: Payload, event: Event, reader: Any) -> Facts:
    if event.status != Status.OPEN or event.is_archived or event.assignments.filter(person=reader).exists():
        return None
    if event.by_conditions:
        has_seat = event.crew_of_now().met_by(reader.pk).may_be_joined_by(held_on_duty(event, reader))
        return {"positions": []} if has_seat else None
    free: Collection[Position] = event.positions.free().fillable_by(reader)
    return {"positions": [str(position) for position in free]} if free else None


def _proposed(payload: Payload, event: Event, reader: Any) -> Facts:
    rows = _hand_overs(payload).open().filter(substitute=reader)
    found = [(row.person.name, _position_of(event, row.person)) for row in rows]
    return {"proposals": found, "clashes": conflicts_of(reader, event).clashes} if found else None


def _answered(payload: Payload, _event: Event, reader: Any) -> Facts:
    rows = [(row.person.name, row.substitute.name, row.person == reader, row.substitute == reader)
            for row in _hand_overs(payload)]  # fmt: skip
    keys = ("person", "substitute", "by_reader", "to_reader")
    return {"hand_overs": [dict(zip(keys, row, strict=True)) for row in rows]} if rows else None


def _hand_overs(payload: Payload) -> Any:
    rows = HandOver.objects.filter(pk__in=payload.get("hand_overs", []))
    return rows.select_related("person", "substitute").order_by("pk")


def _position_of(event: Event, person: Any) -> str:
    position = event.positions.filter(assignment__person=person).first()
    return str(position) if position else ""


def _messages(payload: Payload, _event: Event, _reader: Any) -> Facts:
    """What people wrote; whose account is gone has no name any more."""
    written = payload.get("messages", [])
    senders = {str(person.pk): person for person in User.objects.filter(pk__in=[message["by"] for message in written])}
    return {"messages": [_message(message, senders.get(message["by"])) for message in written]}


def _message(message: Payload, sender: User | None) -> dict[str, Any]:
    contact = [sender.email, sender.phone] if sender and message["contact"] else []
    return {
        "name": sender.name if sender else "",
        "text": message["text"],
        "contact": [one for one in contact if one],
    }


def _coming(_payload: Payload, event: Event, reader: Any) -> Facts:
    """What whoever has the duty wants to know; nothing once it has begun or is theirs no more."""
    mine = event.assignments.filter(person=reader).select_related("position").first()
    if mine is None or event.status not in RUNNING or event.is_archived or event.start <= timezone.now():
        return None
    start = event.start.astimezone(timezone.get_current_timezone())
    leader = event.responsible_person
    return {
        "day": formats.short_day(start.date()),
        "time": f"{start:%H:%M}",
        "position": str(mine.position) if mine.position else "",
        "leads": leader is not None and leader.pk == reader.pk,
        "leader": leader.name if leader else "",
        "contact": event.contact,
    }


def _unfilled(_payload: Payload, event: Event, _reader: Any) -> Facts:
    """What is missing at this moment; nothing once everybody is there or the event has begun."""
    staffing = event.staffing_of_now()
    if event.status not in RUNNING or event.is_archived or event.start <= timezone.now() or staffing.is_sufficient:
        return None
    free = () if event.by_conditions else event.positions.free().mandatory()
    reasons = reasons_in(staffing, has_leader=event.responsible_person_id is not None)
    return {"reasons": [reason.words for reason in reasons], "positions": [str(position) for position in free]}


#: Code → what its entry shows.
LIVE: dict[str, Callable[[Payload, Event, Any], Facts]] = {
    "duty_reminder": _coming,
    "unfilled_reminder": _unfilled,
    "event_message": _messages,
    "place_offered": _offered,
    "offer_expired": _ended,
    "offer_withdrawn": _ended,
    "place_freed": _people,
    "place_filled": _people,
    "place_available": _available,
    "drop_out_alarm": _alarm,
    "handover_proposed": _proposed,
    "handover_accepted": _answered,
    "handover_declined": _answered,
    "handover_withdrawn": _answered,
}
