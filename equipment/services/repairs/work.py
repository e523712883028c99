"""Services of the work on a repair: what is saved at once, and the steps that are one touch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from equipment.models import Repair
from equipment.repairs import rules
from equipment.repairs.rules import Fault, Status
from equipment.services.locking import require
from equipment.services.repairs.record import COLUMNS, MANAGE, lock_repair, locked_assignee, visible_text, written
from medcover.common.errors import DomainError, StaleRecord

_FAULTS: dict[Fault, Promise] = {
    Fault.TARGET_MISSING: _("Choose the repair that this one duplicates."),
    Fault.TARGET_WITHOUT_STATUS: _("Only a repair that is closed as a duplicate points at another one."),
    Fault.OTHER_ITEM: _("A duplicate must be a repair of the same item."),
    Fault.ITSELF: _("A repair cannot be a duplicate of itself."),
    Fault.CIRCLE: _("The chosen repair is itself a duplicate of this one."),
}


@transaction.atomic
def save(repair_id: Any, *, by: Any, at: datetime, version: int | None = None, note: str = "", **wanted: Any) -> Repair:
    """Write those of `COLUMNS` that are given, and a note; only what differs is written and told, all of it or nothing.

    Raises NotAllowed, Gone, StaleRecord when `version` is not the repair's, ValidationError for bad values, DomainError
    for a duplicate that does not fit or an assignee who may not work on repairs. TypeError for an unknown column.
    """
    if unknown := wanted.keys() - COLUMNS.keys():
        raise TypeError(f"no columns of a repair: {sorted(unknown)}")
    return _saved(repair_id, lambda _row: wanted, wanted.get("assignee_id"), note, by=by, at=at, version=version)


@transaction.atomic
def claim(repair_id: Any, *, by: Any, at: datetime, version: int | None = None) -> Repair:
    """Take an open repair upon oneself; what is NEW becomes ASSIGNED.

    Raises NotAllowed, Gone, StaleRecord, DomainError for a closed repair or one that is one's own already.
    """
    return _saved(repair_id, lambda row: _claimed(row, by), by.pk, "", by=by, at=at, version=version)


def _claimed(row: Repair, by: Any) -> Mapping[str, Any]:
    _refuse_closed(row)
    if row.status == Status.NEW:
        return {"assignee_id": by.pk, "status": Status.ASSIGNED}
    if row.assignee_id == by.pk:
        raise DomainError(_("The repair is yours already."))
    return {"assignee_id": by.pk}


@transaction.atomic
def resolve(repair_id: Any, *, note: str, by: Any, at: datetime, version: int | None = None) -> Repair:
    """Close an open repair as done, with a note of what was done.

    Raises NotAllowed, Gone, StaleRecord, DomainError for a closed repair or a note that shows nothing.
    """
    require(by, MANAGE)
    text = visible_text(note, _("Write what has been done."))
    return _saved(repair_id, _resolved, None, text, by=by, at=at, version=version)


def _resolved(row: Repair) -> Mapping[str, Any]:
    _refuse_closed(row)
    return {"status": Status.RESOLVED}


@transaction.atomic
def add_note(repair_id: Any, text: str, *, by: Any, at: datetime) -> Repair:
    """Add a note to a repair, open or closed. Raises NotAllowed, Gone, DomainError for a note that shows nothing."""
    require(by, MANAGE)
    return _saved(repair_id, lambda _row: {}, None, visible_text(text, _("Write a note first.")), by=by, at=at)


def _refuse_closed(row: Repair) -> None:
    if not row.is_open:
        raise DomainError(_("The repair is closed."))


def _saved(
    repair_id: Any,
    decide: Callable[[Repair], Mapping[str, Any]],
    assignee_id: Any,
    note: str,
    *,
    by: Any,
    at: datetime,
    version: int | None = None,
) -> Repair:
    """Lock, ask what is to be written, check and write it."""
    require(by, MANAGE)
    note = visible_text(note)
    locked = _newly_assigned(repair_id, assignee_id)
    row = lock_repair(repair_id, version=version)
    before = copy(row)
    _put(row, decide(row))
    changed = [column for column in COLUMNS if getattr(row, column) != getattr(before, column)]
    _check(row, changed, locked)
    if changed or note:
        written(before, row, changed, note, by=by, at=at)
    return row


def _newly_assigned(repair_id: Any, person_id: Any) -> Any:
    """Return the key of a new assignee, locked and checked; those who have the repair already are let be."""
    present = Repair.objects.filter(pk=repair_id).values_list("assignee", flat=True).first()
    if not person_id or str(person_id) == str(present):
        return present
    return locked_assignee(person_id).pk


def _put(row: Repair, wanted: Mapping[str, Any]) -> None:
    values = {**wanted, "duplicate_of_id": wanted.get("duplicate_of_id", row.duplicate_of_id)}
    values["duplicate_of_id"] = rules.link_after(
        wanted.get("status", row.status), old=row.duplicate_of_id, wanted=values["duplicate_of_id"]
    )
    if "specialist_text" in wanted:
        values["specialist_text"] = visible_text(wanted["specialist_text"])
    for column, value in values.items():
        field: Any = Repair._meta.get_field(column.removesuffix("_id"))
        setattr(row, column, field.target_field.to_python(value or None) if field.is_relation else value)


def _check(row: Repair, changed: list[str], locked: Any) -> None:
    """Refuse what does not fit; `locked` is the only assignee who was looked at."""
    names = {field.name for field in Repair._meta.fields if field.attname not in changed or field.is_relation}
    row.clean_fields(exclude=names)
    if "assignee_id" in changed and row.assignee_id not in (None, locked):
        raise StaleRecord
    if {"status", "duplicate_of_id"} & set(changed):
        _refuse_bad_link(row, changed)


def _refuse_bad_link(row: Repair, changed: list[str]) -> None:
    target = row.duplicate_of_id
    fault = rules.link_fault(row.status, target)
    if fault is None and target is not None and "duplicate_of_id" in changed:
        fault = _target_fault(row, target)
    if fault is not None:
        raise DomainError(_FAULTS[fault])


def _target_fault(row: Repair, target: int) -> Fault | None:
    """Read what the rule asks; repairs of this item cannot change meanwhile, as the item is locked."""
    same_item = Repair.objects.filter(pk=target, item=row.item_id).exists()
    duplicates = Repair.objects.filter(item=row.item_id, duplicate_of__isnull=False)
    links: Any = duplicates.values_list("pk", "duplicate_of")
    return rules.target_fault(row.pk, target, same_item=same_item, links=dict(links))
