"""Row locks and checks with which the services of this app begin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from equipment.models import EquipmentItem, EquipmentType, StorageLocation
from medcover.common.errors import DomainError, NotAllowed, StaleRecord


class Gone(DomainError):
    """Refusal: what was asked about does not exist (any more)."""


def lock_item(item_id: Any, *, version: int | None = None) -> EquipmentItem:
    """Lock and return the item; must run inside a transaction.

    NO KEY: rows elsewhere may come to point at it meanwhile. Raises Gone, StaleRecord when `version` is not the item's.
    """
    item: EquipmentItem | None = EquipmentItem.objects.select_for_update(no_key=True).filter(pk=item_id).first()
    if item is None:
        raise Gone(_("This item does not exist."))
    item.expect_version(version)
    return item


def lock_item_of_stock(item_id: Any, *, version: int | None = None) -> EquipmentItem:
    """Lock the type of the item and then the item, for a change of what there is to plan with; return the item.

    Raises Gone, StaleRecord also when the item gets another type meanwhile.
    """
    type_id = EquipmentItem.objects.filter(pk=item_id).values_list("type", flat=True).first()
    if type_id is not None:
        lock_type(type_id)
    item = lock_item(item_id, version=version)
    if item.type_id != type_id:
        raise StaleRecord
    return item


def lock_location(location_id: Any) -> StorageLocation:
    """Lock and return the location, before any of its items. Raises Gone."""
    found = StorageLocation.objects.select_for_update(no_key=True).filter(pk=location_id).first()
    if found is None:
        raise Gone(_("This storage location does not exist."))
    return found


def lock_type(type_id: Any) -> EquipmentType:
    """Lock and return the type, before any of its items. Raises Gone."""
    found = EquipmentType.objects.select_for_update(no_key=True).filter(pk=type_id).first()
    if found is None:
        raise Gone(_("This type of equipment does not exist."))
    return found


def lock_types_of(item: EquipmentItem) -> list[int]:
    """Lock the type that an item on a form is to have, and the one that it has; return their keys.

    Raises Gone when the wanted one does not exist.
    """
    stored = EquipmentItem.objects.filter(pk=item.pk).values_list("type", flat=True).first() if item.pk else None
    keys = sorted({key for key in (stored, item.type_id) if key is not None})
    for key in keys:
        lock_type(key)
    return keys


def require(by: Any, permission: str) -> None:
    """Refuse unless the actor holds the permission; None as actor is the system itself."""
    if by is not None and not by.has_perm(permission):
        raise NotAllowed


def refuse_archived(item: EquipmentItem) -> None:
    """Refuse changes of what has been put away."""
    if item.is_archived:
        raise DomainError(_("The item is archived. Take it out of the archive first."))


@contextmanager
def name_still_free(taken: Any) -> Iterator[None]:
    """Answer like validation when somebody else takes the name between the check and the write."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise ValidationError({"name": taken}) from error
