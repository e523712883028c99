"""Services of taking items to an event and bringing them back.

All of them lock the event, then the item, so that what two people do with it at two events happens one after the other.
What comes back may leave the stock, so its type is locked before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from equipment import rules
from equipment.codes import code_in
from equipment.models import EquipmentItem, ItemReport, PackedItem
from equipment.rules import Reason
from equipment.services import standings
from equipment.services.availability import found_again
from equipment.services.issues import facts_of, keep_report
from equipment.services.locking import Gone, lock_item, lock_item_of_stock
from events import policies as event_policies
from events.models import Event
from events.rules.lifecycle import Status
from events.services.locking import lock_event, require
from medcover.common.bulk import BulkResult, for_each
from medcover.common.errors import DomainError
from medcover.common.text import tidy_lines
from medcover.system import audit

ASSIGN = "equipment.assign_equipment"

Outcome = PackedItem.Outcome

#: Why an item is not taken to an event; the first one that holds is said.
_REFUSALS: dict[Reason, Promise] = {
    Reason.ARCHIVED: gettext_lazy("The item is archived. Take it out of the archive first."),
    Reason.LOST: gettext_lazy("The item is reported lost. Mark it as found first."),
    Reason.EXPIRED: gettext_lazy("The item has expired, or expires before the event is over."),
    Reason.IN_SERVICE: gettext_lazy("The item is out of service, or will be before the event is over."),
    Reason.DOWN: gettext_lazy("The item is down: it has a repair that is not done yet."),
    Reason.INSPECTION_OVERDUE: gettext_lazy(
        "A safety inspection of the item is overdue or failed, or is due before the event is over."
    ),
}
_KINDS = {
    Outcome.IN_ORDER: ItemReport.Kind.NOTE,
    Outcome.SERVICE: ItemReport.Kind.SERVICE,
    Outcome.MISSING: ItemReport.Kind.LOST,
}
#: What is kept as a report when nothing was typed; without the event, of which not everybody knows who reads reports.
_WORDS = {
    Outcome.SERVICE: gettext_lazy("Came back from an event and needs service."),
    Outcome.MISSING: gettext_lazy("Did not come back from an event."),
}
_SUMMARIES = {
    Outcome.IN_ORDER: gettext_lazy("Equipment brought back: %s"),
    Outcome.SERVICE: gettext_lazy("Equipment brought back, needs service: %s"),
    Outcome.MISSING: gettext_lazy("Equipment missing: %s"),
}


def span_of(event: Event, at: datetime) -> tuple[datetime, datetime]:
    """Return the half-open time for which an item that is packed now has to be usable: from now to the event's end."""
    return at, max(event.end, at + timedelta(microseconds=1))


@transaction.atomic
def pack(event_id: int, item_id: Any, *, by: Any, at: datetime) -> PackedItem:
    """Note that an item is taken to an event.

    Raises NotAllowed, Gone, DomainError when the event is cancelled or archived, when the item is at an event already,
    and when it is archived, lost, or expired, out of service or overdue for a safety inspection at any time until the
    event is over.
    """
    event = lock_event(event_id)
    require(by, ASSIGN, event)
    _refuse_closed(event)
    item = lock_item(item_id)
    _refuse_packed(item, event, by)
    _refuse_unusable(item, event, at)
    with audit.trail(by=by, summary=audit.sentence(gettext_lazy("Equipment packed: %s"), item.name)):
        return PackedItem.objects.create(item=item, event=event, taken_at=at, taken_by=by)


def may_be_packed_for(event: Event) -> bool:
    """Say whether things are taken to this event at all: neither cancelled nor archived."""
    return event.status != Status.CANCELLED and not event.is_archived


def _refuse_closed(event: Event) -> None:
    if event.status == Status.CANCELLED:
        raise DomainError(_("The event is cancelled; nothing is packed for it."))
    if event.is_archived:
        raise DomainError(_("The event is archived; nothing is packed for it."))


def _refuse_packed(item: EquipmentItem, event: Event, by: Any) -> None:
    there = PackedItem.objects.open().filter(item=item).select_related("event").first()
    if there is None:
        return
    if there.event_id == event.pk:
        raise DomainError(_("“%s” is packed for this event already.") % item.name)
    if by is None or event_policies.may_view(by, there.event):
        words = {"item": item.name, "event": there.event.name}
        raise DomainError(_("“%(item)s” is packed for “%(event)s”.") % words)
    raise DomainError(_("“%s” is packed for another event.") % item.name)


def _refuse_unusable(item: EquipmentItem, event: Event, at: datetime) -> None:
    start, end = span_of(event, at)
    last_day = timezone.localdate(end - timedelta(microseconds=1))
    if reasons := rules.reasons_against(facts_of(item), start, end, last_day=last_day):
        raise DomainError(next(words for reason, words in _REFUSALS.items() if reason in reasons))


@transaction.atomic
def unpack(event_id: int, item_id: Any, *, by: Any, at: datetime) -> EquipmentItem:
    """Take back that an item was packed: it stays here after all, or it was another one.

    Raises NotAllowed, Gone, DomainError when the event is over; then it has to be said what became of the item.
    """
    event, item, row = _locked(event_id, item_id, by)
    if event.end <= at and event.status != Status.CANCELLED:
        raise DomainError(_("The event is over; say how the item has come back."))
    with audit.trail(by=by, summary=audit.sentence(gettext_lazy("Equipment not taken after all: %s"), item.name)):
        row.delete()
    return item


@transaction.atomic
def bring_back(
    event_id: int, item_id: Any, *, outcome: str = Outcome.IN_ORDER, note: str = "", by: Any, at: datetime
) -> PackedItem:
    """Note how an item has come back from an event, or that it has not.

    What needs service or is missing has the same consequences as the report of a holder; what is here is not lost.
    Raises NotAllowed, Gone, ValidationError for a note that is too long, DomainError for an unknown outcome, and when
    the item is not packed for the event (any more).
    """
    _event, item, row = _locked(event_id, item_id, by)
    if outcome not in Outcome.values:
        raise DomainError(_("Choose how the item has come back."))
    how, said = Outcome(outcome), tidy_lines(note) or str(_WORDS.get(Outcome(outcome), ""))
    with audit.trail(by=by, summary=audit.sentence(_SUMMARIES[how], item.name)):
        if how != Outcome.MISSING:
            found_again(item)
        if said:
            row.report = keep_report(item, kind=_KINDS[how], text=said, by=by, at=at)
        row.outcome, row.returned_at, row.returned_by = outcome, max(at, row.taken_at), by
        row.save(update_fields=["outcome", "returned_at", "returned_by", "report"])
        standings.count_use(item, by=by, at=at)
    return row


def _locked(event_id: int, item_id: Any, by: Any) -> tuple[Event, EquipmentItem, PackedItem]:
    """Return event and item, locked in this order with the type between, and the row that says where the item is."""
    event = lock_event(event_id)
    require(by, ASSIGN, event)
    item = lock_item_of_stock(item_id)
    row: PackedItem | None = PackedItem.objects.open().filter(event=event, item=item).first()
    if row is None:
        raise DomainError(_("“%s” is not packed for this event, or has come back already.") % item.name)
    row.event, row.item = event, item
    return event, item, row


def item_of(typed: str) -> int:
    """Return the key of the item whose code was typed or scanned. Raises Gone with a sentence that tells why."""
    code = code_in(typed)
    if not code:
        raise Gone(_("This is not a code of an item; it has 16 letters and digits."))
    key: int | None = EquipmentItem.objects.filter(code=code).values_list("pk", flat=True).first()
    if key is None:
        raise Gone(_("None of our items has the code %s.") % code)
    return key


def pack_all(event_id: int, ids: Iterable[int], *, by: Any, at: datetime) -> BulkResult:
    """Pack each of the items; what is refused is reported."""
    return for_each(_names(EquipmentItem.objects.filter(pk__in=ids)), lambda key: pack(event_id, key, by=by, at=at))


def bring_all_back(event_id: int, ids: Iterable[int] | None = None, *, by: Any, at: datetime) -> BulkResult:
    """Note that each of the items has come back in order, without `ids` everything that is out; see `pack_all`."""
    items: Any = EquipmentItem.objects
    if ids is None:
        items = items.filter(pk__in=PackedItem.objects.open().filter(event=event_id).values("item"))
    else:
        items = items.filter(pk__in=ids)
    return for_each(_names(items), lambda key: bring_back(event_id, key, by=by, at=at))


def _names(items: Any) -> dict[int, str]:
    return dict(items.order_by("name_sort", "pk").values_list("pk", "name"))


def refuse_deleting(event: Event) -> None:
    """Refuse to delete an event for good while something that was taken there is not back."""
    out = PackedItem.objects.open().filter(event=event).by_name().values_list("item__name", flat=True)
    if names := ", ".join(out):
        raise DomainError(_("Not everything has come back from this event: %s.") % names)
