"""Services of the kinds of consumables."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from equipment.models import Consumable
from equipment.services.ledger import MANAGE, in_units, lock_consumable, open_location, refuse_archived
from equipment.services.locking import name_still_free, require
from medcover.common.errors import DomainError
from medcover.common.text import tidy, tidy_lines
from medcover.system import audit
from medcover.system.models import AuditEntry


@transaction.atomic
def save_consumable(consumable: Consumable, *, by: Any, version: int | None = None) -> Consumable:
    """Create a kind, or write its name, unit, minimum, description and usual location.

    Raises NotAllowed, Gone, StaleRecord when `version` is not the row's, ValidationError for bad values or a taken
    name, DomainError for an archived kind or when the location it is to have has been archived.
    """
    require(by, MANAGE)
    stored = Consumable.objects.filter(pk=consumable.pk).values_list("location", flat=True).first()
    if consumable.location_id and consumable.location_id != stored:
        open_location(consumable.location_id)
    row = lock_consumable(consumable.pk, version=version) if consumable.pk else consumable
    refuse_archived(row)
    row.name, row.unit = tidy(consumable.name), tidy(consumable.unit)
    row.description, row.minimum = tidy_lines(consumable.description), consumable.minimum
    row.location_id = consumable.location_id
    row.full_clean()
    if row.pk:
        row.raise_version()
    with audit.trail(by=by), name_still_free(row._meta.constraints[0].violation_error_message):
        row.save()
    return row


@transaction.atomic
def archive_consumable(consumable_id: Any, *, by: Any, version: int | None = None) -> Consumable:
    """Put a kind away of which nothing is left. Raises NotAllowed, Gone, StaleRecord, DomainError."""
    require(by, MANAGE)
    row = lock_consumable(consumable_id, version=version)
    refuse_archived(row)
    if left := sum(row.lots.values_list("quantity", flat=True)):
        words = _("%(left)s are still in stock. Use them up, dispose of them or correct the stock first.")
        raise DomainError(audit.sentence(words, {"left": in_units(left, row)}))
    return _put_away(row, to=True, by=by)


@transaction.atomic
def unarchive_consumable(consumable_id: Any, *, by: Any, version: int | None = None) -> Consumable:
    """Take a kind out of the archive. Raises NotAllowed, Gone, StaleRecord, DomainError."""
    require(by, MANAGE)
    row = lock_consumable(consumable_id, version=version)
    if not row.is_archived:
        raise DomainError(_("The consumable is not archived."))
    return _put_away(row, to=False, by=by)


def _put_away(row: Consumable, *, to: bool, by: Any) -> Consumable:
    row.is_archived = to
    row.raise_version()
    with audit.trail(by=by, kind=AuditEntry.Kind.ARCHIVE if to else AuditEntry.Kind.UNARCHIVE):
        row.save(update_fields=["is_archived", "version", "updated"])
    return row
