"""Shortage of equipment: the refusal of a plan, and what follows when something leaves the stock."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from equipment.models import EquipmentType, EventPlan
from equipment.plan_querysets import short_plans
from events.models import Event
from events.services import notifications
from medcover.common import formats
from medcover.common.errors import DomainError
from roster.models import User
from roster.rights import Role


@dataclass(frozen=True)
class ShortType:
    """A type of which there is too little; `rival` is the first other event that wants it in the same time."""

    type: EquipmentType
    left: int
    wanted: int
    rival: Event | None

    def __str__(self) -> str:
        words = {"type": self.type.name, "left": max(0, self.left), "wanted": self.wanted}
        sentence = _("Not enough equipment: of “%(type)s” there are %(left)d left, %(wanted)d are wanted.") % words
        return f"{sentence} {self._rival_named()}".rstrip()

    def _rival_named(self) -> str:
        if self.rival is None:
            return ""
        start = formats.date_time(self.rival.start, timezone.get_current_timezone())
        return _("In the same time it is planned for “%(event)s” (%(start)s).") % {
            "event": self.rival.name,
            "start": start,
        }


class Shortage(DomainError):
    """Refusal: there are not enough items of some types; one sentence for each."""

    def __init__(self, types: Sequence[ShortType]) -> None:
        super().__init__(" ".join(str(one) for one in types))
        self.types = types


# --- what leaves the stock ------------------------------------------------------------------------------


@dataclass
class Broken:
    """Events that lack something because of a change, in order of start; known once it is made."""

    events: list[Event] = field(default_factory=list)


@contextmanager
def watching_stock(type_ids: Collection[int], *, by: Any, at: datetime) -> Iterator[Broken]:
    """Find out which coming events lack more of these types after the change inside than before, and tell planners.

    The types are locked by whoever makes the change, so that nobody plans with what is just leaving.
    """
    broken, before = Broken(), _lacks(type_ids, at)
    yield broken
    worse = [row for row in _short(type_ids, at) if row.lack > before.get(row.pk, 0)]
    broken.events = list({row.event_id: row.event for row in worse}.values())
    for event in broken.events:
        notifications.notify_people("equipment_short", event, planners_of(event) - {by and by.pk})


def _lacks(type_ids: Collection[int], at: datetime) -> dict[int, int]:
    return {row.pk: row.lack for row in _short(type_ids, at)}


def _short(type_ids: Collection[int], at: datetime) -> Sequence[Any]:
    coming = EventPlan.objects.counting().not_ended(at).filter(type__in=type_ids)
    until = coming.aggregate(until=Max("event__end"))["until"]
    if until is None:
        return ()
    found = short_plans(at, until, type_ids).select_related("event__master_event")
    return list(found.order_by("event__start", "event", "type"))


def planners_of(event: Event) -> set[Any]:
    """Return the keys of those who see to the event: who is responsible, who coordinates; else all coordinators."""
    named = {event.responsible_person_id, event.master_event.coordinator_id} - {None}
    return named or set(User.objects.active().with_role(Role.COORDINATOR).values_list("pk", flat=True))


def warning_of(events: Sequence[Event]) -> str:
    """Return the sentence about events that lack something now, naming up to three; empty for none."""
    if not events:
        return ""
    said = ngettext(
        "Attention: %(count)d event lacks equipment now: %(events)s",
        "Attention: %(count)d events lack equipment now: %(events)s",
        len(events),
    )
    return said % {"count": len(events), "events": named(events)}


def named(events: Sequence[Event]) -> str:
    """Return the names of up to three events with their starts."""
    zone = timezone.get_current_timezone()
    named = [f"{event.name} ({formats.date_time(event.start, zone)})" for event in events[:3]]
    return ", ".join(named) + (_(" and more") if len(events) > 3 else ".")
