"""What has been planned for an event, packed for it and brought back, in one value for its page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from equipment.models import EquipmentItem, EquipmentType, EventPlan, PackedItem
from equipment.page_querysets import attach_holders, naming
from equipment.services.packing import span_of
from events.models import Event
from medcover.common.prepared import KEY, MOMENT, prepared

#: So many items of a type are offered to be ticked; the others are packed by their codes.
OFFERED = 40


@dataclass
class Line:
    """One type: how many are planned, which are packed, and which could be."""

    type: EquipmentType
    planned: int = 0
    packed: list[PackedItem] = field(default_factory=list)
    offered: list[EquipmentItem] = field(default_factory=list)
    has_more: bool = False

    @property
    def is_complete(self) -> bool:
        """As many are packed as are planned."""
        return len(self.packed) >= self.planned

    @property
    def covered(self) -> int:
        """How much of the plan is packed; what is taken besides makes up for nothing else."""
        return min(len(self.packed), self.planned)


@dataclass
class Board:
    """The equipment of an event as its page shows it."""

    event: Event
    is_over: bool
    lines: list[Line]
    rows: list[PackedItem]

    @cached_property
    def out(self) -> list[PackedItem]:
        """What is at the event, or should have come back."""
        return [row for row in self.rows if row.returned_at is None]

    @cached_property
    def missing(self) -> list[PackedItem]:
        """What has been given up and not been found since."""
        return [row for row in self.rows if row.is_missing]

    @cached_property
    def back(self) -> list[PackedItem]:
        """What has come back."""
        return [row for row in self.rows if row.returned_at is not None and not row.is_missing]

    @property
    def offers_something(self) -> bool:
        """There is something to be ticked."""
        return any(line.offered for line in self.lines)

    @property
    def planned(self) -> int:
        """How many items are planned."""
        return sum(line.planned for line in self.lines)

    @property
    def covered(self) -> int:
        """How many of the planned items are packed."""
        return sum(line.covered for line in self.lines)


def board_of(event: Event, at: datetime, *, offering: bool, besides: EquipmentType | None = None) -> Board:
    """Read the board of an event; with `offering` its lines carry what could be packed.

    `besides` is a type that is to be offered although it is neither planned nor packed.
    """
    rows = _packed(event=event.pk)
    lines = {plan.type_id: Line(plan.type, plan.quantity) for plan in _planned(event=event.pk)}
    for row in rows:
        if row.returned_at is None:
            lines.setdefault(row.item.type_id, Line(row.item.type)).packed.append(row)
    if besides is not None:
        lines.setdefault(besides.pk, Line(besides))
    offered = _offer(lines, event, at) if offering else []
    attach_holders([*(row.item for row in rows), *offered])
    return Board(event, is_over(event, at), [*lines.values()], rows)


def is_over(event: Event, at: datetime) -> bool:
    """Say whether everything should be back; asked of rows, `PackedItemQuerySet.not_back` says the same."""
    return event.end <= at or event.is_final or event.is_archived


@prepared(event=KEY)
def _packed(p: Any) -> Any:
    return naming(PackedItem.objects.filter(event=p.event).with_names().by_name(), "taken_by", "returned_by")


@prepared(event=KEY)
def _planned(p: Any) -> Any:
    return EventPlan.objects.filter(event=p.event).select_related("type")


def _offer(lines: dict[int, Line], event: Event, at: datetime) -> list[EquipmentItem]:
    """Offer on each line what could be packed; return all of it."""
    start, end = span_of(event, at)
    for item in _usable(types=[*lines], start=start, end=end) if lines else ():
        line = lines[item.type_id]
        line.has_more = len(line.offered) == OFFERED
        if not line.has_more:
            line.offered.append(item)
    return [item for line in lines.values() for item in line.offered]


@prepared(lists={"types": KEY}, start=MOMENT, end=MOMENT)
def _usable(p: Any) -> Any:
    """Of each type the first items that could be packed, one more than are offered."""
    items = EquipmentItem.objects.available_between(p.start, p.end).not_packed().filter(type__in=p.types)
    numbered = items.annotate(rank=Window(RowNumber(), partition_by=F("type"), order_by=["name_sort", "pk"]))
    shown = numbered.filter(rank__lte=OFFERED + 1).order_by("name_sort", "pk")
    return shown.only("name", "name_sort", "type", "serial_number", "place")
