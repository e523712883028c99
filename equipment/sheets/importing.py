"""Importing a file of items: read, looked through, confirmed.

Between looking and confirming nothing lies on the server: what was read goes along with the page, signed, so that
what is confirmed is what was shown.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from django.core import signing
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from equipment.models import EquipmentItem, EquipmentType, StorageLocation
from equipment.services import catalogue, items
from equipment.services.locking import require
from equipment.sheets.comparing import Comparison, compare
from equipment.sheets.reading import Row, Table
from medcover.common.czech import fold
from medcover.common.db import one_at_a_time
from medcover.common.errors import DomainError, StaleRecord

_SALT = "equipment.import"
#: Seconds within which what was shown is confirmed.
_PATIENCE = 60 * 60

#: Keys of columns whose values JSON does not know.
_DAYS = ("acquired_on", "warranty_until", "service_due", "expires_on")


def sealed(table: Table, comparison: Comparison) -> str:
    """Return the table and what was said about it as a text that nobody can alter."""
    plain = {"table": asdict(table), "shown": _fingerprint(comparison)}
    return signing.dumps(json.dumps(plain, default=str), salt=_SALT, compress=True)


def _fingerprint(comparison: Comparison) -> str:
    """Return a mark that is another one when the import would do something else, or has been done."""
    newest = EquipmentItem.objects.aggregate(newest=Max("pk"))["newest"]
    told = json.dumps([comparison.as_plain(), newest], default=str)
    return hashlib.sha256(told.encode()).hexdigest()


def opened(text: str) -> tuple[Table, str]:
    """Return what was sealed. Raises DomainError for anything else, or when it is too old."""
    try:
        plain = json.loads(signing.loads(text, salt=_SALT, max_age=_PATIENCE))
    except signing.BadSignature as error:
        raise DomainError(_("The import is too old or incomplete. Read the file again.")) from error
    rows = [Row(row["number"], _values(row["values"]), row["faults"]) for row in plain["table"]["rows"]]
    return Table(rows, plain["table"]["ignored"]), plain["shown"]


def _values(plain: dict[str, Any]) -> dict[str, Any]:
    read = dict(plain)
    for key in _DAYS:
        if read.get(key):
            read[key] = date.fromisoformat(read[key])
    if read.get("price") is not None:
        read["price"] = Decimal(read["price"])
    return read


@transaction.atomic
def carry_out(text: str, *, by: Any) -> Comparison:
    """Write what was looked through: all of it or, if the register has changed meanwhile, nothing.

    Rows with faults were shown and are left out. Raises NotAllowed, StaleRecord, DomainError.
    """
    require(by, "equipment.add_equipmentitem")
    require(by, "equipment.change_equipmentitem")
    one_at_a_time("equipment.import")
    table, shown = opened(text)
    comparison = compare(table)
    if _fingerprint(comparison) != shown:
        raise StaleRecord(_("The equipment has changed in the meantime, or the file has been imported already."))
    _write(comparison, by=by)
    return comparison


def _write(comparison: Comparison, *, by: Any) -> None:
    for name in comparison.new_types:
        catalogue.save_type(EquipmentType(name=name), by=by)
    for name in comparison.new_locations:
        catalogue.save_location(StorageLocation(name=name), by=by)
    types = {fold(row.name): row for row in EquipmentType.objects.all()}
    locations = {fold(row.name): row for row in StorageLocation.objects.all()}
    for outcome in comparison.outcomes:
        item = outcome.item
        if not outcome.writes or item is None:
            continue
        item.type = types[fold(outcome.row.values["type"])]
        if location := outcome.row.values.get("location"):
            item.location = locations[fold(location)]
        items.save_item(item, by=by, version=item.version if item.pk else None)
