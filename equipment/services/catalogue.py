"""Services of storage locations and types of equipment."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from equipment.models import EquipmentType, EventPlan, InspectionResult, StorageLocation, TemplatePlan
from equipment.services.locking import Gone, lock_location, lock_type, name_still_free, require
from equipment.signals import location_changed
from medcover.common.errors import DomainError
from medcover.common.slack_channels import as_written
from medcover.common.text import tidy, tidy_lines
from medcover.system import audit
from medcover.system.models import AuditEntry

Row = TypeVar("Row", StorageLocation, EquipmentType)


@transaction.atomic
def save_location(location: StorageLocation, *, by: Any, version: int | None = None) -> StorageLocation:
    """Create a storage location, or write its name, order and channel.

    Raises NotAllowed, Gone, StaleRecord when `version` is not the row's, ValidationError for an empty or taken name.
    """
    require(by, f"equipment.{'change' if location.pk else 'add'}_storagelocation")
    row = lock_location(location.pk) if location.pk else location
    row.expect_version(version if location.pk else None)
    before = (row.name, row.sort_order) if row.pk else (None, None)
    row.name, row.sort_order = tidy(location.name), location.sort_order
    row.slack_channel = as_written(location.slack_channel)
    written = _written(row, by=by)
    pairs = zip(("name", "sort_order"), before, (row.name, row.sort_order), strict=True)
    location_changed.send(StorageLocation, location=row, changed={name for name, old, new in pairs if old != new})
    return written


@transaction.atomic
def save_type(equipment_type: EquipmentType, *, by: Any, version: int | None = None) -> EquipmentType:
    """Create a type of equipment, or write its name, icon and description.

    Raises NotAllowed, Gone, StaleRecord when `version` is not the row's, ValidationError for an empty or taken name.
    """
    require(by, f"equipment.{'change' if equipment_type.pk else 'add'}_equipmenttype")
    row = lock_type(equipment_type.pk) if equipment_type.pk else equipment_type
    row.expect_version(version if equipment_type.pk else None)
    row.name, row.icon = tidy(equipment_type.name), tidy(equipment_type.icon)
    row.description = tidy_lines(equipment_type.description)
    return _written(row, by=by)


def _written(row: Row, *, by: Any) -> Row:
    row.full_clean()
    if row.pk:
        row.raise_version()
    with audit.trail(by=by), name_still_free(row._meta.constraints[0].violation_error_message):
        row.save()
    return row


@transaction.atomic
def delete_type(type_id: Any, *, by: Any) -> str:
    """Delete a type that nothing uses and return its name; its plans of inspections go with it.

    Raises NotAllowed, Gone, DomainError while it has items or results of inspections, or while an event or a template
    is planned with it.
    """
    require(by, "equipment.delete_equipmenttype")
    # With its key: an item that is just being made of this type waits, and then finds none.
    row = EquipmentType.objects.select_for_update().filter(pk=type_id).first()
    if row is None:
        raise Gone(_("This type of equipment does not exist."))
    if row.items.exists():
        raise DomainError(_("A type of equipment that has items, even archived ones, cannot be deleted."))
    if InspectionResult.objects.filter(plan__type=row).exists():
        raise DomainError(_("A type of equipment with results of inspections cannot be deleted."))
    for plans in (EventPlan, TemplatePlan):
        if plans.objects.filter(type=row).exists():
            raise DomainError(_("A type of equipment that events or templates are planned with cannot be deleted."))
    with audit.trail(by=by):
        row.delete()
    return row.name


@transaction.atomic
def archive_location(location_id: Any, *, by: Any) -> StorageLocation:
    """Put a storage location away: nothing new comes there, what is there stays. Raises NotAllowed, DomainError."""
    return _archive_location(location_id, to=True, by=by)


@transaction.atomic
def unarchive_location(location_id: Any, *, by: Any) -> StorageLocation:
    """Take a storage location out of the archive. Raises NotAllowed, DomainError."""
    return _archive_location(location_id, to=False, by=by)


def _archive_location(location_id: Any, *, to: bool, by: Any) -> StorageLocation:
    require(by, "equipment.change_storagelocation")
    row = lock_location(location_id)
    if row.is_archived == to:
        raise DomainError(_("The location is already archived.") if to else _("The location is not archived."))
    row.is_archived = to
    row.raise_version()
    with audit.trail(by=by, kind=AuditEntry.Kind.ARCHIVE if to else AuditEntry.Kind.UNARCHIVE):
        row.save()
    location_changed.send(StorageLocation, location=row, changed={"is_archived"})
    return row
