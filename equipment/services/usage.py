"""Services of what is used up: on an event or without one, always what expires first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from equipment.consumables import rules
from equipment.models import Consumable, Lot, Movement
from equipment.services.ledger import (
    MANAGE,
    USE,
    Kind,
    lock_consumable,
    lock_consumables,
    lock_lots,
    not_enough,
    refuse_archived,
    require_pieces,
    write,
)
from equipment.services.locking import Gone, require
from events.models import Assignment, Event
from events.policies import may_view
from events.rules.lifecycle import Status
from events.services.locking import lock_event
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from medcover.system import audit

#: An event that ends at midnight has not begun another day.
_STEP = timedelta(microseconds=1)


@transaction.atomic
@audit.recorded_together()
def use(
    consumable_id: Any,
    quantity: int,
    *,
    lot_id: Any = None,
    note: str = "",
    by: Any,
    at: datetime,
    version: int | None = None,
) -> list[Movement]:
    """Take pieces out of stock for no event: from the lot that is named, or from those that expire first.

    Raises NotAllowed, Gone, StaleRecord when `version` is not the kind's, DomainError for an archived kind, an expired
    lot, a bad quantity, and when there are not that many.
    """
    require(by, MANAGE)
    consumable = lock_consumable(consumable_id, version=version)
    refuse_archived(consumable)
    lots, today = lock_lots({consumable.pk: consumable}), timezone.localdate(at)
    if lot_id is not None:
        lots = [_named(lots, lot_id, today)]
    return [*_take(consumable, lots, quantity, today, by=by, at=at, note=note)]


def _named(lots: list[Lot], key: Any, day: date) -> Lot:
    lot = next((lot for lot in lots if lot.pk == key), None)
    if lot is None:
        raise Gone(_("This lot does not exist."))
    if lot.is_expired_on(day):
        raise DomainError(_("This lot has expired; it must not be used any more."))
    return lot


def _take(consumable: Consumable, lots: Iterable[Lot], quantity: int, day: date, **line: Any) -> Iterator[Movement]:
    """Take pieces from locked lots of a kind, what expires first first; refuse unless there are enough."""
    by_key = {lot.pk: lot for lot in lots if lot.consumable_id == consumable.pk}
    taken = rules.allocate([lot.batch for lot in by_key.values()], require_pieces(quantity), day)
    available = sum(part.quantity for part in taken)
    if available < quantity:
        raise not_enough(available, consumable)
    for part in taken:
        yield write(by_key[part.key], -part.quantity, Kind.USED, _("Used: %(what)s"), **line)


@transaction.atomic
@audit.recorded_together()
def use_on_event(
    event_id: Any,
    wanted: Iterable[tuple[int, int]],
    *,
    note: str = "",
    by: Any,
    at: datetime,
    seen: int | None = None,
) -> list[Movement]:
    """Record what was used on an event, as pairs of kind and pieces: all of it or nothing.

    What had not expired on the day of the event counts as usable. Raises NotAllowed to whoever neither keeps the stock
    nor is on the crew, Gone for what does not exist or may not be seen, StaleRecord when `seen` is not the
    latest line about the event, DomainError for events that have not begun, drafts and archived ones, an empty list,
    and where there is not enough of a kind.
    """
    event = _locked_event(event_id, by)
    if not may_record(by, event):
        raise NotAllowed(_("What was used on an event is recorded by its crew."))
    if reason := why_not(event, at):
        raise DomainError(reason)
    if seen is not None and seen != latest_line(event.pk):
        raise StaleRecord(_("Somebody has just recorded something on this event. Look whether it is the same."))
    pieces = _added_up(wanted)
    kinds = lock_consumables(pieces)
    lots, day = lock_lots(kinds), day_of_use(event, at)
    line: dict[str, Any] = {"by": by, "at": at, "note": note, "event": event}
    return [made for key in sorted(pieces) for made in _take(kinds[key], lots, pieces[key], day, **line)]


def _locked_event(event_id: Any, by: Any) -> Event:
    event = lock_event(event_id)
    if by is not None and not may_view(by, event):
        raise Gone(_("The event does not exist."))
    return event


def _added_up(wanted: Iterable[tuple[int, int]]) -> Counter[int]:
    pieces: Counter[int] = Counter()
    for key, quantity in wanted:
        pieces[key] += require_pieces(quantity)
    if not pieces:
        raise DomainError(_("Choose at least one consumable and how much of it was used."))
    return pieces


def may_record(user: Any, event: Event) -> bool:
    """Say whether the person may record what was used on an event that they may see: the crew, and the store."""
    if user is None or user.has_perm(MANAGE):
        return True
    return bool(user.has_perm(USE)) and Assignment.objects.filter(event=event, person=user).exists()


def why_not(event: Event, at: datetime) -> Any:
    """Return why nothing can be recorded on the event now; None when it can.

    On a cancelled one it can: what was opened before somebody called it off is gone all the same.
    """
    if event.is_archived:
        return _("The event is archived; nothing can be recorded on it.")
    if event.status == Status.DRAFT:
        return _("The event has not been published; nothing can be recorded on it.")
    if event.status != Status.CANCELLED and timezone.localdate(at) < timezone.localdate(event.start):
        return _("The event has not begun yet. What is used is recorded from the day on which it begins.")
    return None


def day_of_use(event: Event, at: datetime) -> date:
    """Return the local day of use of what is recorded at a moment: the last one of the event, or today before it."""
    return min(timezone.localdate(at), timezone.localdate(event.end - _STEP))


def latest_line(event_id: int) -> int:
    """Return the key of the latest movement about an event, 0 when there is none."""
    return Movement.objects.filter(event=event_id).values_list("pk", flat=True).order_by("-pk").first() or 0
