"""Services of times out of service, and of what is lost and found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from equipment import rules
from equipment.models import EquipmentItem, ServiceWindow
from equipment.rules import Window, WindowState
from equipment.services.locking import Gone, lock_item, lock_item_of_stock, refuse_archived, require
from equipment.services.shortage import watching_stock
from medcover.common.errors import DomainError
from medcover.common.text import tidy_lines
from medcover.system import audit

MODIFY = "equipment.modify_availability"


@transaction.atomic
def plan_service(
    item_id: Any,
    *,
    since: datetime | None,
    until: datetime | None,
    reason: str,
    by: Any,
    at: datetime,
    version: int | None = None,
) -> ServiceWindow:
    """Take an item out of service, without `since` from now on, without `until` until somebody puts it back.

    Raises NotAllowed, Gone, StaleRecord when `version` is not the item's, DomainError for an archived item, an end
    that is not after the start, and a time that overlaps another one. `breaks` of what is returned are the events that
    lack something because of it; their planners are told.
    """
    require(by, MODIFY)
    item = lock_item_of_stock(item_id, version=version)
    refuse_archived(item)
    wanted = Window(since or at, until)
    if wanted.end <= wanted.since:
        raise DomainError(_("The end of the service must be after its start."))
    _refuse_overlap(item, wanted, at)
    with watching_stock([item.type_id], by=by, at=at) as broken, audit.trail(by=by):
        made = ServiceWindow.objects.create(
            item=item, since=wanted.since, until=until, reason=tidy_lines(reason), added_by=by
        )
    _count(item)
    made.breaks = broken.events
    return made


def _refuse_overlap(item: EquipmentItem, wanted: Window, at: datetime) -> None:
    others = rules.touching(wanted, [window.span for window in item.service_windows.all()])
    if any(rules.state_of(other, at) is WindowState.ACTIVE for other in others):
        raise DomainError(_("The item is already out of service."))
    if others:
        raise DomainError(_("Another service of this item is planned for that time."))


@transaction.atomic
def end_service(window_id: Any, *, by: Any, at: datetime) -> ServiceWindow:
    """Put an item back into service now, or cancel a service that has not begun.

    Raises NotAllowed, Gone when it has been cancelled meanwhile, DomainError when it is over.
    """
    require(by, MODIFY)
    row = _locked_window(window_id)
    if row.state_at(at) is WindowState.OVER:
        raise DomainError(_("This service is over already."))
    with audit.trail(by=by):
        if at > row.since:
            row.until = at
            row.save(update_fields=["until"])
        else:
            row.delete()
    _count(row.item)
    return row


@transaction.atomic
def end_active_service(item_id: Any, *, by: Any, at: datetime) -> ServiceWindow:
    """Put an item back into service now. Raises NotAllowed, Gone, DomainError when it is in service."""
    require(by, MODIFY)
    item = lock_item(item_id)
    for window in item.service_windows.all():
        if window.state_at(at) is WindowState.ACTIVE:
            return end_service(window.pk, by=by, at=at)
    raise DomainError(_("The item is not out of service."))


def _locked_window(window_id: Any) -> ServiceWindow:
    """Return a window with its item locked before it; the item of a window never changes."""
    item_id = ServiceWindow.objects.filter(pk=window_id).values_list("item", flat=True).first()
    item = lock_item(item_id) if item_id else None
    row = ServiceWindow.objects.select_for_update().filter(pk=window_id).first()
    if item is None or row is None:
        raise Gone(_("This service has already been cancelled."))
    row.item = item
    return row


def _count(item: EquipmentItem) -> None:
    """Count a change that is not one of the item's own columns."""
    item.raise_version()
    item.save(update_fields=["version", "updated"])


@transaction.atomic
def mark_lost(item_id: Any, *, by: Any, at: datetime, version: int | None = None) -> EquipmentItem:
    """Note that an item is lost; it counts for no plan until found. Raises NotAllowed, StaleRecord, DomainError."""
    require(by, MODIFY)
    item = lock_item_of_stock(item_id, version=version)
    refuse_archived(item)
    if item.is_lost:
        raise DomainError(_("The item is already reported lost."))
    with watching_stock([item.type_id], by=by, at=at) as broken:
        _set_lost(item, at, by=by)
    item.breaks = broken.events
    return item


@transaction.atomic
def mark_found(item_id: Any, *, by: Any, version: int | None = None) -> EquipmentItem:
    """Note that a lost item has been found. Raises NotAllowed, StaleRecord, DomainError."""
    require(by, MODIFY)
    item = lock_item(item_id, version=version)
    if not item.is_lost:
        raise DomainError(_("The item is not reported lost."))
    return _set_lost(item, None, by=by)


def found_again(item: EquipmentItem) -> None:
    """Let a locked item that is here not be lost any longer, inside the open trail."""
    if item.is_lost:
        _write_lost(item, None)


def _set_lost(item: EquipmentItem, since: datetime | None, *, by: Any) -> EquipmentItem:
    with audit.trail(by=by):
        _write_lost(item, since)
    return item


def _write_lost(item: EquipmentItem, since: datetime | None) -> None:
    item.lost_since = since
    item.raise_version()
    item.save(update_fields=["lost_since", "version", "updated"])
