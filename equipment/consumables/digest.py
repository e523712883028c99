"""What consumables give to the admin digest: what is to be bought, used up, and thrown away."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from equipment.models import Consumable, Lot
from medcover.common.intervals import local_day
from notifications.digest.moments import day
from notifications.digest.options import BlockOptions, NumberField, Options, rows_field
from notifications.digest.registry import BlockKind, Facts


class ConsumablesOptions(BlockOptions):
    """How far ahead, and how many."""

    days = NumberField(label=_("Days ahead"), default=60, most=366)
    rows = rows_field(30, 200)


def collect(options: Options, at: datetime) -> Facts:
    """Read what there is too little of, which lots expire within so many days, and which have expired."""
    today, most = local_day(at, timezone.get_current_timezone()), options["rows"]
    lots = Lot.objects.select_related("consumable", "location").in_order_of_use()
    until = today + timedelta(days=options["days"])
    return {
        "low": _low(today, most),
        "expiring": _lots(lots.expiring(today, until), most),
        "expired": _lots(lots.expired_on(today), most),
        "days": options["days"],
    }


def _low(today: date, most: int) -> Facts:
    found = Consumable.objects.low(today)
    rows = [
        {"name": row.name, "unit": row.unit, "stock": row.stock, "minimum": row.minimum}
        for row in found.order_by("name_sort", "pk")[:most]
    ]
    return {"rows": rows, "total": found.count()}


def _lots(found: Any, most: int) -> Facts:
    rows = [
        {
            "name": lot.consumable.name,
            "unit": lot.consumable.unit,
            "number": lot.number,
            "where": lot.location.name if lot.location else "",
            "quantity": lot.quantity,
            "day": lot.expires_on,
        }
        for lot in found[:most]
    ]
    return {"rows": rows, "total": found.count()}


def present(facts: Facts) -> dict[str, Any]:
    """Read the days."""
    read = {name: [{**row, "day": day(row["day"])} for row in facts[name]["rows"]] for name in _OF_LOTS}
    return {**facts, **{name: {**facts[name], "rows": rows} for name, rows in read.items()}}


_OF_LOTS = ("expiring", "expired")

CONSUMABLES = BlockKind(
    code="consumables",
    label=_("Consumables"),
    place=110,
    template="equipment/mail/digest/consumables",
    options=ConsumablesOptions,
    collect=collect,
    present=present,
    description=_("What is running low, expires soon, or has expired."),
)
