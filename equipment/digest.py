"""What equipment gives to the admin digest: what needs somebody's hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from equipment.consumables.digest import CONSUMABLES
from equipment.models import EquipmentItem, ItemInspection, PackedItem
from medcover.common.intervals import local_day
from notifications.digest import registry
from notifications.digest.moments import day
from notifications.digest.options import BlockOptions, NumberField, Options, rows_field
from notifications.digest.registry import BlockKind, Facts


def register() -> None:
    """Add the blocks."""
    registry.register(EQUIPMENT, CONSUMABLES)


class EquipmentOptions(BlockOptions):
    """How far ahead, and how many."""

    days = NumberField(label=_("Days ahead"), default=30, most=366)
    rows = rows_field(30, 200)


def collect(options: Options, at: datetime) -> Facts:
    """Read what is due for service or inspection or expires within so many days, and what is out, lost, or not back."""
    until = local_day(at, timezone.get_current_timezone()) + timedelta(days=options["days"])
    items = EquipmentItem.objects.in_use()
    parts = {
        "due": items.service_due_by(until).order_by("service_due", *_BY_NAME),
        "expiring": items.filter(expires_on__lte=until).order_by("expires_on", *_BY_NAME),
        "out": items.out_of_service_at(at).order_by(*_BY_NAME),
        "lost": items.filter(lost_since__isnull=False).order_by(*_BY_NAME),
    }
    days = {"due": "service_due", "expiring": "expires_on"}
    found = {name: _part(rows, options["rows"], days.get(name, "")) for name, rows in parts.items()}
    inspections = _inspections(ItemInspection.objects.in_use().due_by(until), options["rows"])
    not_back = _not_back(at, options["rows"])
    return {**found, "inspections": inspections, "not_back": not_back, "days": options["days"]}


def _not_back(at: datetime, most: int) -> Facts:
    found = PackedItem.objects.not_back(at).select_related("item__type", "event")
    rows = [
        {
            "item": row.item.name,
            "type": row.item.type.name,
            "where": row.event.name,
            "day": timezone.localdate(row.event.end),
        }
        for row in found.order_by("event__end", "event", "item__name_sort", "pk")[:most]
    ]
    return {"rows": rows, "total": found.count()}


_BY_NAME = ("name_sort", "pk")


def _part(found: Any, most: int, day_of: str) -> Facts:
    rows = found.select_related("type", "location")[:most]
    return {"rows": [_row(item, day_of) for item in rows], "total": found.count()}


def _row(item: EquipmentItem, day_of: str) -> dict[str, Any]:
    where = item.location.name if item.location else ""
    return {"item": item.name, "type": item.type.name, "where": where, "day": getattr(item, day_of) if day_of else None}


def _inspections(found: Any, most: int) -> Facts:
    rows = [{**_row(row.item, ""), "day": row.due_on, "what": row.plan.name} for row in found.with_names()[:most]]
    return {"rows": rows, "total": found.count()}


def present(facts: Facts) -> dict[str, Any]:
    """Read the days."""
    known = {name: facts.get(name, _NOTHING) for name in _PARTS}
    parts = {name: {**part, "rows": [_shown(row) for row in part["rows"]]} for name, part in known.items()}
    return {**facts, **parts}


#: What a mail says of a part that was not asked for yet when it was queued.
_NOTHING: Facts = {"rows": [], "total": 0}
_PARTS = ("due", "inspections", "expiring", "out", "lost", "not_back")


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "day": day(row["day"]) if row["day"] else None}


EQUIPMENT = BlockKind(
    code="equipment",
    label=_("Equipment"),
    place=100,
    template="equipment/mail/digest/equipment",
    options=EquipmentOptions,
    collect=collect,
    present=present,
    description=_(
        "What is due for service or inspection, expires, is out of service, lost, or not back from an event."
    ),
)
