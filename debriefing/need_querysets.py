"""Reads of needs."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q, Sum

from debriefing.need_rules import Outcome, State
from events.models import Event
from events.rules.lifecycle import Status
from medcover.common.db import Constant

SETTLE = "debriefing.settle_needs"


class NeedQuerySet(models.QuerySet):
    """Needs."""

    def shown_to(self, reader: Any) -> NeedQuerySet:
        """Needs of events that the reader may see and that are not put away; none without the right to settle them."""
        if not reader.has_perm(SETTLE):
            return self.none()
        return self.of_events(events_asked_about(reader).order_by())

    def open(self) -> NeedQuerySet:
        """Those that nobody has settled."""
        return self.filter(state=Constant(State.OPEN))

    def of_event(self, event: Any) -> NeedQuerySet:
        """Those of one event."""
        return self.filter(debriefing__assignment__event=event)

    def of_events(self, events: Any) -> NeedQuerySet:
        """Those of events, given as a queryset."""
        return self.filter(debriefing__assignment__event__in=events.values("pk"))

    def besides_material(self) -> NeedQuerySet:
        """Those of people and equipment."""
        return self.filter(material__isnull=True)

    def with_subject(self) -> NeedQuerySet:
        """Read with each what it is about."""
        return self.select_related("qualification", "equipment_type", "material__consumable")

    def with_names(self) -> NeedQuerySet:
        """Read with each what it is about, its duty and what it became; never who wrote it."""
        way = "debriefing__assignment"
        return self.with_subject().select_related(way, "template", "settled_by")


def events_asked_about(reader: Any) -> models.QuerySet[Event]:
    """Completed events that are not put away, as far as the reader may see them, the latest first."""
    return asked_about(Event.objects.visible_to(reader))


def asked_about(events: Any = None) -> models.QuerySet[Event]:
    """Of events, or of all, those that are completed and not put away, the latest first."""
    rows = Event.objects.all() if events is None else events
    found: models.QuerySet[Event] = rows.not_archived().filter(status=Status.COMPLETED).order_by("-start", "-pk")
    return found


def having(needs: NeedQuerySet) -> Exists:
    """SQL condition on an event: one of these needs is about it."""
    return Exists(needs.filter(debriefing__assignment__event=OuterRef("pk")).order_by())


def written(event_id: int, consumable_id: int, *, besides: Any = ()) -> int:
    """Return how many pieces of a kind the debriefings of an event say were used, `besides` rows not linked to it yet.

    What was dismissed or settled without the stock is left out: nothing is to be booked for it.
    """
    from debriefing.models import UsedMaterial

    rows = UsedMaterial.objects.filter(debriefing__assignment__event=event_id).filter(still_to_be_in_stock())
    rows = rows.filter(Q(consumable=consumable_id) | Q(pk__in=list(besides)))
    return int(rows.aggregate(total=Sum("quantity", default=0))["total"])


def still_to_be_in_stock() -> Q:
    """Say of used material that the stock has it as used, or is to have it."""
    return Q(need__isnull=True) | Q(need__state=State.OPEN) | Q(need__outcome__in=_IN_STOCK)


_IN_STOCK = [Outcome.BOOKED, Outcome.KNOWN]


def booked(event_id: int, consumable_id: int) -> int:
    """Return how many pieces of a kind the stock says were used on an event."""
    from equipment.models import Movement

    lines = Movement.objects.used_on(event_id).of_kind(consumable_id)
    return -int(lines.aggregate(total=Sum("quantity", default=0))["total"])
