"""Services of the register of items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from equipment.models import EquipmentItem, Issue, PackedItem
from equipment.services import standings
from equipment.services.locking import (
    lock_item,
    lock_item_of_stock,
    lock_location,
    lock_types_of,
    refuse_archived,
    require,
)
from equipment.services.shortage import named, watching_stock
from equipment.signals import item_changed
from events.models import Event
from medcover.common.bulk import BulkResult, for_each
from medcover.common.errors import DomainError, StaleRecord
from medcover.common.text import tidy, tidy_lines
from medcover.system import audit
from medcover.system.models import AuditEntry

#: What `save_item` writes.
EDITABLE = (
    "name", "type", "location", "place", "manufacturer", "model", "serial_number", "acquired_on", "acquired_from",
    "price", "warranty_until", "service_due", "expires_on", "description", "notes",
)  # fmt: skip
_LINES = frozenset({"description", "notes"})
_TEXTS = frozenset({"name", "place", "manufacturer", "model", "serial_number", "acquired_from"}) | _LINES


@transaction.atomic
def save_item(item: EquipmentItem, *, by: Any, version: int | None = None) -> EquipmentItem:
    """Create an item, or write those of its fields that a form shows; nothing changed means nothing written.

    Raises NotAllowed, Gone, StaleRecord when `version` is not the row's, ValidationError for bad values, DomainError
    for an archived item or when the location it is to move to has been archived. `breaks` of what is returned are the
    events that lack something because it is of another type now or expires earlier; their planners are told.
    """
    require(by, f"equipment.{'change' if item.pk else 'add'}_equipmentitem")
    location = lock_location(item.location_id) if item.location_id else None
    types = lock_types_of(item)
    row = lock_item(item.pk, version=version) if item.pk else item
    if item.pk and row.type_id not in types:
        raise StaleRecord
    refuse_archived(row)
    moved = not item.pk or row.location_id != item.location_id
    if location is not None and moved and location.is_archived:
        raise DomainError(_("The storage location is archived; choose another one."))
    with watching_stock(types, by=by, at=timezone.now()) as broken:
        saved = _written(row, _typed(item), by=by)
    saved.breaks = broken.events
    return saved


def _typed(item: EquipmentItem) -> dict[str, Any]:
    """Return the editable columns as they are stored."""
    values = {EquipmentItem._meta.get_field(name).attname: name for name in EDITABLE}  # type: ignore[union-attr]
    return {column: _as_stored(name, getattr(item, column)) for column, name in values.items()}


def _as_stored(name: str, value: Any) -> Any:
    if name not in _TEXTS:
        return value
    return tidy_lines(value) if name in _LINES else tidy(value)


def _written(row: EquipmentItem, values: dict[str, Any], *, by: Any) -> EquipmentItem:
    changed = {column: value for column, value in values.items() if getattr(row, column) != value}
    if row.pk and not changed:
        return row
    for column, value in changed.items():
        setattr(row, column, value)
    row.full_clean()
    if row.pk:
        row.raise_version()
    is_new = not row.pk
    with audit.trail(by=by):
        row.save()
    if is_new or changed.keys() & standings.DEPENDS_ON:
        standings.settle([row.pk])
        row.refresh_from_db(fields=["inspection_due_on", "safe_until"])
    item_changed.send(EquipmentItem, item=row, changed=values.keys() if is_new else changed.keys())
    return row


@transaction.atomic
def archive(item_id: Any, *, by: Any, version: int | None = None) -> EquipmentItem:
    """Put an item away: it counts for no plan and is on no list.

    Raises NotAllowed, StaleRecord, DomainError while somebody has it or coming events would lack it.
    """
    require(by, "equipment.delete_equipmentitem")
    item = lock_item_of_stock(item_id, version=version)
    if item.is_archived:
        raise DomainError(_("The item is already archived."))
    if Issue.objects.open().filter(item=item).exists():
        raise DomainError(_("An item that somebody has cannot be archived. Have it returned first."))
    if PackedItem.objects.open().filter(item=item).exists():
        raise DomainError(_("An item that is packed for an event cannot be archived. Note first how it has come back."))
    with watching_stock([item.type_id], by=by, at=timezone.now()) as broken:
        _put_away(item, to=True, by=by)
    _refuse_breaking(broken.events)
    return item


def _refuse_breaking(events: Sequence[Event]) -> None:
    if events:
        words = _("The item is needed: without it, events would lack equipment. Take it out of service instead.")
        raise DomainError(f"{words} {named(events)}")


@transaction.atomic
def unarchive(item_id: Any, *, by: Any, version: int | None = None) -> EquipmentItem:
    """Take an item out of the archive. Raises NotAllowed, StaleRecord, DomainError."""
    require(by, "equipment.delete_equipmentitem")
    item = lock_item(item_id, version=version)
    if not item.is_archived:
        raise DomainError(_("The item is not archived."))
    return _put_away(item, to=False, by=by)


def _put_away(item: EquipmentItem, *, to: bool, by: Any) -> EquipmentItem:
    item.is_archived = to
    item.raise_version()
    with audit.trail(by=by, kind=AuditEntry.Kind.ARCHIVE if to else AuditEntry.Kind.UNARCHIVE):
        item.save(update_fields=["is_archived", "version", "updated"])
    item_changed.send(EquipmentItem, item=item, changed={"is_archived"})
    return item


def archive_all(ids: Sequence[Any], *, by: Any) -> BulkResult:
    """Archive each of the items; what is refused is reported."""
    return for_each(_names(ids), lambda key: archive(key, by=by))


def unarchive_all(ids: Sequence[Any], *, by: Any) -> BulkResult:
    """Take each of the items out of the archive; what is refused is reported."""
    return for_each(_names(ids), lambda key: unarchive(key, by=by))


def _names(ids: Sequence[Any]) -> dict[Any, str]:
    return dict(EquipmentItem.objects.filter(pk__in=ids).order_by("name_sort", "pk").values_list("pk", "name"))
