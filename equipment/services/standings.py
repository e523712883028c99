"""Until when items are in order with the inspections of their type: reckoned from scratch, written where it differs.

Whoever changes what it depends on (a result, a use, a plan, an item's type or day of acquisition) holds the locks of
the items and calls `settle`. `differences` reckons everything anew and says what is not as it should be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Min, OuterRef, Q, Subquery
from django.utils import timezone

from equipment import inspection_rules
from equipment.models import EquipmentItem, InspectionPlan, InspectionResult, ItemInspection
from equipment.services.locking import lock_item, lock_item_of_stock
from equipment.services.shortage import watching_stock
from equipment.uses import moments_of_use
from medcover.common.intervals import local_day

#: Columns of an item on which its inspections depend.
DEPENDS_ON = frozenset({"type_id", "acquired_on"})
#: So many items are reckoned at a time.
_BATCH = 1000

#: Of an item and a plan: the day until which it is in order, uses, the last result.
Stored = tuple[date | None, int, Any]
Standings = dict[tuple[Any, Any], Stored]


def settle(item_ids: Iterable[Any]) -> None:
    """Write how these items stand; must run inside a transaction that has locked them."""
    keys = list(item_ids)
    for batch in _batches(keys):
        reckoned, stored = _reckoned(batch), _stored(batch)
        if reckoned or stored:
            _write(reckoned, stored)
            _write_days(batch)


def lock_to_count_use(item_id: Any) -> EquipmentItem:
    """Lock and return an item whose use is over; where uses may take it out of the stock, its type before it.

    Raises Gone, StaleRecord when it gets another type meanwhile.
    """
    counted = InspectionPlan.objects.in_use().filter(uses__isnull=False, type__items=item_id)
    return lock_item_of_stock(item_id) if counted.exists() else lock_item(item_id)


def count_use(item: EquipmentItem, *, by: Any, at: datetime) -> None:
    """Settle a locked item whose use is over, where uses matter, and tell planners what that breaks."""
    if _counts_uses(item.type_id):
        with watching_stock([item.type_id], by=by, at=at):
            settle([item.pk])


@transaction.atomic
def forget_use(item_id: Any) -> None:
    """Settle an item of which a use is not known any more, where uses matter."""
    item = lock_item(item_id)
    if _counts_uses(item.type_id):
        settle([item.pk])


def _counts_uses(type_id: Any) -> bool:
    return InspectionPlan.objects.in_use().filter(type=type_id, uses__isnull=False).exists()


def _batches(keys: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (keys[begin : begin + _BATCH] for begin in range(0, len(keys), _BATCH))


# --- reckoning ------------------------------------------------------------------------------------------------


def _reckoned(item_ids: Sequence[Any]) -> Standings:
    """Return how items should stand with the plans of their type that are in use."""
    items = list(EquipmentItem.objects.filter(pk__in=item_ids).only("type", "acquired_on", "created"))
    plans = _plans_by_type({item.type_id for item in items})
    checked = [item for item in items if item.type_id in plans]
    results = _results({item.pk for item in checked}) if checked else {}
    counted = {item.pk for item in checked if any(plan.uses for plan in plans[item.type_id])}
    uses = moments_of_use(counted) if counted else {}
    return {
        (item.pk, plan.pk): _standing(plan, item, results.get((item.pk, plan.pk), []), uses.get(item.pk, []))
        for item in checked
        for plan in plans[item.type_id]
    }


def _plans_by_type(types: set[Any]) -> dict[Any, list[InspectionPlan]]:
    found: dict[Any, list[InspectionPlan]] = defaultdict(list)
    for plan in InspectionPlan.objects.in_use().filter(type__in=types):
        found[plan.type_id].append(plan)
    return dict(found)


def _results(item_ids: set[Any]) -> dict[tuple[Any, Any], list[InspectionResult]]:
    found: dict[tuple[Any, Any], list[InspectionResult]] = defaultdict(list)
    for row in InspectionResult.objects.counting().filter(item__in=item_ids).in_order():
        found[row.item_id, row.plan_id].append(row)
    return found


def _standing(
    plan: InspectionPlan, item: EquipmentItem, results: list[InspectionResult], uses: list[datetime]
) -> Stored:
    zone = timezone.get_current_timezone()
    begin = item.acquired_on or local_day(item.created, zone)
    # Uses are told only of plans that count them.
    counted = uses if plan.uses else []
    checks = [row.as_check for row in results]
    found = inspection_rules.standing(plan.repeat, checks, counted, begin=begin, zone=zone)
    return found.due_on, found.uses, results[-1].pk if results else None


def _stored(item_ids: Sequence[Any]) -> Standings:
    rows = ItemInspection.objects.filter(item__in=item_ids).values_list("item", "plan", "due_on", "uses", "last_result")
    return {(item, plan): (due_on, uses, result) for item, plan, due_on, uses, result in rows}


# --- writing --------------------------------------------------------------------------------------------------


def _write(reckoned: Standings, stored: Standings) -> None:
    changed = {key: values for key, values in reckoned.items() if stored.get(key) != values}
    rows = [
        ItemInspection(item_id=item, plan_id=plan, due_on=due_on, uses=uses, last_result_id=result)
        for (item, plan), (due_on, uses, result) in changed.items()
    ]
    ItemInspection.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["item", "plan"],
        update_fields=["due_on", "uses", "last_result"],
    )
    gone = stored.keys() - reckoned.keys()
    for plan in {plan for _item, plan in gone}:
        items = [item for item, of in gone if of == plan]
        ItemInspection.objects.filter(plan=plan, item__in=items).delete()


def _write_days(item_ids: Sequence[Any]) -> None:
    """Write into the items the earliest day of all their inspections, and of those that safety depends on."""
    EquipmentItem.objects.filter(pk__in=item_ids).update(**_days())


def _days() -> dict[str, Subquery]:
    return {"inspection_due_on": _earliest(Q()), "safe_until": _earliest(Q(plan__is_safety=True))}


def _earliest(which: Q) -> Subquery:
    rows = ItemInspection.objects.filter(which, item=OuterRef("pk")).order_by().values("item")
    return Subquery(rows.annotate(day=Min("due_on")).values("day"))


# --- proving --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """An item that does not stand as it should."""

    item_id: Any
    name: str


def differences() -> list[Difference]:
    """Reckon all items anew and return those of which something else is stored.

    Meanwhile somebody may have changed an item between two of the readings, so what differs is reckoned once more
    under its lock.
    """
    keys = list(EquipmentItem.objects.order_by("pk").values_list("pk", flat=True))
    suspected = {item for batch in _batches(keys) for item in _differing(batch)}
    return _confirmed(suspected) if suspected else []


@transaction.atomic
def _confirmed(suspected: Iterable[Any]) -> list[Difference]:
    locked = EquipmentItem.objects.filter(pk__in=suspected).select_for_update(no_key=True).order_by("pk")
    names = dict(locked.values_list("pk", "name"))
    wrong = {item for batch in _batches(list(names)) for item in _differing(batch)}
    return [Difference(key, names[key]) for key in sorted(wrong)]


def _differing(item_ids: Sequence[Any]) -> set[Any]:
    """Return which of these items are stored otherwise than reckoned."""
    reckoned, stored = _reckoned(item_ids), _stored(item_ids)
    differing = {key for key in reckoned.keys() | stored.keys() if reckoned.get(key) != stored.get(key)}
    return {item for item, _plan in differing}.union(_items_with_wrong_days(item_ids))


def _items_with_wrong_days(item_ids: Sequence[Any]) -> Iterable[Any]:
    days = {f"should_be_{name}": subquery for name, subquery in _days().items()}
    rows = EquipmentItem.objects.filter(pk__in=item_ids).annotate(**days).values_list("pk", *_days(), *days)
    return [key for key, due_on, safe_until, *should_be in rows if [due_on, safe_until] != should_be]


@transaction.atomic
def rebuild(item_ids: Iterable[Any]) -> None:
    """Lock items and write how they stand, whatever is stored."""
    locked = EquipmentItem.objects.filter(pk__in=item_ids).select_for_update(no_key=True).order_by("pk")
    for batch in _batches([item.pk for item in locked.only("pk")]):
        _write(_reckoned(batch), _stored(batch))
        _write_days(batch)
