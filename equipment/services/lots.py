"""Services of lots: what comes, what is thrown away, counted, moved, and what is taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from equipment.consumables.rules import MOST, is_expired
from equipment.models import Lot, Movement, StorageLocation
from equipment.services.ledger import (
    MANAGE,
    USE,
    Kind,
    count,
    lock_consumable,
    lock_lot,
    lock_lots,
    open_location,
    refuse_archived,
    require_pieces,
    save_lot,
    write,
)
from equipment.services.locking import Gone, require
from events.services.locking import Gone as EventGone
from events.services.locking import lock_event
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from medcover.common.text import tidy
from medcover.system import audit


@dataclass(frozen=True)
class Delivery:
    """What has come; without `received_on` it came today."""

    quantity: int
    number: str = ""
    expires_on: date | None = None
    received_on: date | None = None
    note: str = ""


@transaction.atomic
@audit.recorded_together()
def receive(
    consumable_id: Any,
    delivery: Delivery,
    *,
    location_id: Any = None,
    by: Any,
    at: datetime,
    version: int | None = None,
) -> Movement:
    """Put a delivery into stock: to the lot of the same batch at the location if there is one, or as a new lot.

    Raises NotAllowed, Gone, StaleRecord when `version` is not the kind's, ValidationError, DomainError for an archived
    kind or location, a bad quantity, a delivery from the future, and one that has expired already.
    """
    require(by, MANAGE)
    location = open_location(location_id) if location_id else None
    consumable = lock_consumable(consumable_id, version=version)
    refuse_archived(consumable)
    quantity, today = require_pieces(delivery.quantity), timezone.localdate(at)
    if is_expired(delivery.expires_on, today):
        raise DomainError(_("This delivery has expired already; it must not be put into stock."))
    if delivery.received_on and delivery.received_on > today:
        raise DomainError(_("The day of receipt is in the future."))
    batch = {"number": tidy(delivery.number), "expires_on": delivery.expires_on}
    fresh = Lot(consumable=consumable, location=location, received_on=delivery.received_on or today, **batch)
    lot = _same_batch(fresh) or fresh
    lot.consumable = consumable
    lot.clean_fields()
    return write(lot, quantity, Kind.RECEIVED, _("Received: %(what)s"), by=by, at=at, note=delivery.note)


def _same_batch(lot: Lot) -> Lot | None:
    """Return the locked lot of the same batch at the same location; the kind of both is locked."""
    same = Lot.objects.filter(consumable=lot.consumable_id, number=lot.number)
    same = same.filter(expires_on=lot.expires_on) if lot.expires_on else same.filter(expires_on__isnull=True)
    same = same.filter(location=lot.location_id) if lot.location_id else same.filter(location__isnull=True)
    found: Lot | None = same.select_for_update(no_key=True).exclude(pk=lot.pk).first()
    return found


@transaction.atomic
def edit_lot(lot_id: Any, *, number: str, expires_on: date | None, by: Any, version: int | None = None) -> Lot:
    """Correct the number or the last day of use of a lot.

    Raises NotAllowed, Gone, StaleRecord when `version` is not the kind's, ValidationError, DomainError for an archived
    kind and when there is such a lot at the location already.
    """
    require(by, MANAGE)
    lot = lock_lot(lot_id, version=version)
    if (lot.number, lot.expires_on) == (tidy(number), expires_on):
        return lot
    lot.number, lot.expires_on = tidy(number), expires_on
    lot.clean_fields()
    if _same_batch(lot):
        raise DomainError(_("There is such a lot at this location already."))
    with audit.trail(by=by):
        save_lot(lot)
        count(lot.consumable)
    return lot


@transaction.atomic
@audit.recorded_together()
def dispose(
    lot_id: Any, quantity: int, *, note: str = "", by: Any, at: datetime, version: int | None = None
) -> Movement:
    """Throw pieces of a lot away, expired or damaged ones. Raises NotAllowed, Gone, StaleRecord, DomainError."""
    require(by, MANAGE)
    lot = lock_lot(lot_id, version=version)
    return write(
        lot, -require_pieces(quantity), Kind.DISPOSED, _("Disposed of: %(what)s"), by=by, at=at, note=note
    )  # fmt: skip


@transaction.atomic
@audit.recorded_together()
def take_stock(
    consumable_id: Any,
    counted: Mapping[int, int],
    *,
    note: str = "",
    by: Any,
    at: datetime,
    version: int | None = None,
) -> list[Movement]:
    """Make the stock of lots (key → pieces found) what was counted; what agrees is left alone.

    Raises NotAllowed, Gone, StaleRecord when `version` is not the kind's, as something has moved since it was
    counted; DomainError for an archived kind and for numbers that cannot be.
    """
    require(by, MANAGE)
    consumable = lock_consumable(consumable_id, version=version)
    refuse_archived(consumable)
    lots = {lot.pk: lot for lot in lock_lots({consumable.pk: consumable})}
    if not counted.keys() <= lots.keys():
        raise Gone(_("This lot does not exist."))
    if not all(0 <= found <= MOST for found in counted.values()):
        raise DomainError(audit.sentence(_("Give whole numbers from 0 to %(most)d."), {"most": MOST}))
    differing = {key: found - lots[key].quantity for key, found in counted.items() if found != lots[key].quantity}
    words = _("Stock corrected: %(what)s")
    return [
        write(lots[key], differing[key], Kind.CORRECTED, words, by=by, at=at, note=note) for key in sorted(differing)
    ]


@transaction.atomic
@audit.recorded_together()
def move(
    lot_id: Any,
    location_id: Any,
    quantity: int,
    *,
    note: str = "",
    by: Any,
    at: datetime,
    version: int | None = None,
) -> Lot:
    """Bring pieces of a lot to another location; return the lot there.

    Raises NotAllowed, Gone, StaleRecord when `version` is not the kind's, DomainError for an archived kind or location,
    the location where they are, and more than there are.
    """
    require(by, MANAGE)
    location = open_location(location_id)
    lot = lock_lot(lot_id, version=version)
    if lot.location_id == location.pk:
        raise DomainError(_("The lot is at this location already."))
    pieces = require_pieces(quantity)
    there = _lot_at(location, lot)
    write(lot, -pieces, Kind.MOVED, _("Moved away: %(what)s"), by=by, at=at, note=note)
    write(there, pieces, Kind.MOVED, _("Moved here: %(what)s"), by=by, at=at, note=note)
    return there


def _lot_at(location: StorageLocation, lot: Lot) -> Lot:
    fresh = Lot(
        consumable=lot.consumable, number=lot.number, expires_on=lot.expires_on, received_on=lot.received_on,
        location=location,
    )  # fmt: skip
    found = _same_batch(fresh) or fresh
    found.consumable = lot.consumable
    return found


@transaction.atomic
@audit.recorded_together()
def undo(movement_id: Any, *, by: Any, at: datetime) -> Movement:
    """Take a movement back by one in the opposite direction: whoever keeps the stock any, others their own use.

    Raises NotAllowed, Gone, StaleRecord when it has been taken back already, DomainError for an archived kind, what
    was only moved, what is itself an undoing, and when the pieces are not there any more.
    """
    found = Movement.objects.filter(pk=movement_id).values("event", "lot", "kind", "by").first()
    if found is None:
        raise Gone(_("This movement does not exist."))
    if not may_undo(by, kind=found["kind"], recorded_by=found["by"]):
        raise NotAllowed
    _lock_event_first(found["event"])
    lot = lock_lot(found["lot"])
    row = Movement.objects.select_related("event").get(pk=movement_id)
    if row.undoes_id:
        raise DomainError(_("What was taken back is not taken back once more; record it anew."))
    if row.kind == Kind.MOVED:
        raise DomainError(_("A move is not taken back; move the pieces back instead."))
    if Movement.objects.filter(undoes=row).exists():
        raise StaleRecord(_("This has been taken back already."))
    words = _("Taken back: %(what)s")
    return write(lot, -row.quantity, row.kind, words, by=by, at=at, event=row.event, undoes=row)


def may_undo(user: Any, *, kind: str, recorded_by: Any) -> bool:
    """Say whether the person may take a movement of this kind back that `recorded_by` (a key) has recorded."""
    if user is None or user.has_perm(MANAGE):
        return True
    return kind == Kind.USED and recorded_by == user.pk and user.has_perm(USE)


def _lock_event_first(event_id: int | None) -> None:
    """Lock the event before the kind: the line that is going to be written points at it."""
    if event_id is None:
        return
    try:
        lock_event(event_id)
    except EventGone:
        return  # deleted for good meanwhile; its lines do not name it any more
