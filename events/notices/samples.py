"""Sample messages about an event: they show what a type looks like, whatever is true of the event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from events.models import Event
from events.rules.readiness import reasons_in
from medcover.common import formats
from medcover.common.errors import DomainError
from notifications.registry import Sample

#: So many events can be chosen for a sample.
OFFERED = 200

Facts = dict[str, Any]


def choices() -> list[tuple[str, str]]:
    """Return the events that a sample can be about, those that begin last first."""
    zone = timezone.get_current_timezone()
    events = Event.objects.filter(is_archived=False).order_by("-start", "-pk")[:OFFERED]
    return [(str(event.pk), f"{formats.date_time(event.start, zone)} {event.name}") for event in events]


def sample(code: str, key: str) -> Sample:
    """Return what a sample of the type says about the event with this key; raises DomainError when there is none."""
    event = Event.objects.filter(is_archived=False, pk=key).first() if key.isdecimal() and len(key) < 19 else None
    if event is None:
        raise DomainError(_("There is no event that a sample could be about."))
    payload = {"event_id": event.pk, "event_name": event.name, "sample": True}
    if code == "event_changed":
        changed = _("Description before the change"), _("Description after the change")
        payload["changes"] = {"description": changed}
    if code.startswith("assignment_"):
        payload["position"] = _position(event)
    return Sample(payload, about=event.start)


def _position(event: Event) -> str:
    return "" if event.by_conditions else str(event.positions.first() or _("Paramedic"))


def _listed(event: Event) -> list[str]:
    return [] if event.by_conditions else [_position(event)]


def _coming(event: Event, reader: Any) -> Facts:
    start = event.start.astimezone(timezone.get_current_timezone())
    leader = event.responsible_person
    return {
        "day": formats.short_day(start.date()),
        "time": f"{start:%H:%M}",
        "position": _position(event),
        "leads": leader is not None and leader.pk == reader.pk,
        "leader": leader.name if leader else "",
        "contact": event.contact,
    }


def _unfilled(event: Event, _reader: Any) -> Facts:
    found = reasons_in(event.staffing_of_now(), has_leader=False)
    return {"reasons": [reason.words for reason in found], "positions": _listed(event)}


def _offered(event: Event, _reader: Any) -> Facts:
    until = formats.date_time(timezone.now(), timezone.get_current_timezone())
    return {"position": _position(event), "until": until, "clashes": []}


def _people(event: Event, reader: Any) -> Facts:
    return {"people": [(reader.name, _position(event))]}


def _alarm(event: Event, reader: Any) -> Facts:
    return {**_people(event, reader), "to_ask": [], "offered": []}


def _proposed(event: Event, reader: Any) -> Facts:
    return {"proposals": [(reader.name, _position(event))], "clashes": []}


def _answered(_event: Event, reader: Any) -> Facts:
    return {"hand_overs": [{"person": reader.name, "substitute": reader.name, "by_reader": True, "to_reader": False}]}


#: Code → what its entry shows in a sample; the types that are not here need nothing that an event may lack.
SAMPLES: dict[str, Callable[[Event, Any], Facts]] = {
    "duty_reminder": _coming,
    "unfilled_reminder": _unfilled,
    "place_offered": _offered,
    "offer_expired": lambda _event, _reader: {"keeps_turn": True},
    "offer_withdrawn": lambda _event, _reader: {"keeps_turn": True},
    "place_freed": _people,
    "place_filled": _people,
    "place_available": lambda event, _reader: {"positions": _listed(event)},
    "drop_out_alarm": _alarm,
    "handover_proposed": _proposed,
    "handover_accepted": _answered,
    "handover_declined": _answered,
    "handover_withdrawn": _answered,
}
