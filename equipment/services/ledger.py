"""What the services of consumables share: locks, checks, and the one place that changes the stock of a lot.

Order of locks: location, event, kinds by key, lots by key. Every movement begins with the lock of its kind, so two
people who want the last piece stand in a queue.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from equipment.consumables.rules import MOST
from equipment.models import Consumable, Lot, Movement, StorageLocation
from equipment.services.locking import Gone, lock_location
from medcover.common.errors import DomainError
from medcover.common.text import tidy
from medcover.system import audit

MANAGE, USE = "equipment.manage_consumables", "equipment.use_consumables"

Kind = Movement.Kind


def lock_consumables(keys: Iterable[Any]) -> dict[int, Consumable]:
    """Lock kinds in the order of their keys; those that do not exist or are archived are refused."""
    wanted = set(keys)
    rows = Consumable.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")
    found: dict[int, Consumable] = {row.pk: row for row in rows}
    if found.keys() != wanted:
        raise Gone(_("This consumable does not exist."))
    for row in found.values():
        refuse_archived(row)
    return found


def lock_consumable(key: Any, *, version: int | None = None) -> Consumable:
    """Lock one kind, archived or not. Raises Gone, StaleRecord when `version` is not the row's."""
    row: Consumable | None = Consumable.objects.select_for_update(no_key=True).filter(pk=key).first()
    if row is None:
        raise Gone(_("This consumable does not exist."))
    row.expect_version(version)
    return row


def lock_lots(consumables: Mapping[int, Consumable]) -> list[Lot]:
    """Lock all lots of locked kinds, by key."""
    rows = Lot.objects.select_for_update(no_key=True).filter(consumable__in=consumables.keys()).order_by("pk")
    lots = list(rows)
    for lot in lots:
        lot.consumable = consumables[lot.consumable_id]
    return lots


def lock_lot(key: Any, *, version: int | None = None) -> Lot:
    """Lock a lot with its kind before it. Raises Gone, StaleRecord when `version` is not the kind's, DomainError."""
    consumable_id = Lot.objects.filter(pk=key).values_list("consumable", flat=True).first()
    if consumable_id is None:
        raise Gone(_("This lot does not exist."))
    consumable = lock_consumable(consumable_id, version=version)
    refuse_archived(consumable)
    lot: Lot = Lot.objects.select_for_update(no_key=True).get(pk=key)
    lot.consumable = consumable
    return lot


def open_location(location_id: Any) -> StorageLocation:
    """Lock a location to which something is to come. Raises Gone, DomainError when it is archived."""
    location = lock_location(location_id)
    if location.is_archived:
        raise DomainError(_("The storage location is archived; choose another one."))
    return location


def refuse_archived(consumable: Consumable) -> None:
    """Refuse changes of what has been put away."""
    if consumable.is_archived:
        raise DomainError(_("The consumable is archived. Take it out of the archive first."))


def require_pieces(quantity: Any) -> int:
    """Return a number of pieces that can move. Raises DomainError for none, less, too many, or no whole number."""
    if not isinstance(quantity, int) or isinstance(quantity, bool) or not 0 < quantity <= MOST:
        raise DomainError(audit.sentence(_("Give a whole number from 1 to %(most)d."), {"most": MOST}))
    return quantity


def in_units(quantity: int, consumable: Consumable) -> str:
    """Write a number of pieces with their unit."""
    return f"{quantity} {consumable.unit}"


def write(
    lot: Lot,
    quantity: int,
    kind: str,
    words: Promise,
    *,
    by: Any,
    at: datetime,
    note: str = "",
    event: Any = None,
    undoes: Movement | None = None,
) -> Movement:
    """Write a line of the ledger and the stock of its locked lot; `words` say what happened, to `%(what)s`.

    Raises ValidationError for a note that is too long, DomainError when less than nothing would be left, or more than
    a lot can hold.
    """
    left = lot.quantity + quantity
    if left < 0:
        raise not_enough(lot.quantity, lot.consumable)
    if left > MOST:
        raise DomainError(audit.sentence(_("A lot holds at most %(most)d pieces."), {"most": MOST}))
    lot.quantity = left
    made = Movement(lot=lot, quantity=quantity, kind=kind, event=event, undoes=undoes, note=tidy(note), by=by, at=at)
    made.clean_fields(exclude=["lot", "event", "undoes", "by"])
    with audit.trail(by=by):
        save_lot(lot)
        count(lot.consumable)
    what = f"{in_units(abs(quantity), lot.consumable)}, {lot}"
    with audit.trail(by=by, event_id=event.pk if event else None, summary=audit.sentence(words, {"what": what})):
        made.save()
    return made


def save_lot(lot: Lot) -> None:
    """Write a lot that is new or locked, and count the write."""
    if lot.pk:
        lot.raise_version()
    lot.save()


def count(consumable: Consumable) -> None:
    """Count a change of the stock in the version of its locked kind."""
    consumable.raise_version()
    consumable.save(update_fields=["version", "updated"])


def not_enough(available: int, consumable: Consumable) -> DomainError:
    """Return the refusal that says how much there is."""
    if not available:
        words = _("Nothing of “%(name)s” is in stock that may be used.")
    else:
        words = _("There is not enough of “%(name)s”: only %(available)s can be used.")
    return DomainError(audit.sentence(words, {"name": consumable.name, "available": in_units(available, consumable)}))
