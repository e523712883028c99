"""Services of plans of inspections: what is checked how often, by type."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from equipment.models import EquipmentItem, InspectionPlan
from equipment.services import standings
from equipment.services.locking import Gone, lock_type, name_still_free, require
from equipment.services.shortage import watching_stock
from medcover.common.errors import DomainError
from medcover.common.text import tidy, tidy_lines
from medcover.system import audit
from medcover.system.models import AuditEntry

CHANGE = "equipment.change_equipmenttype"

#: What `save_plan` writes; the type of a plan never changes.
EDITABLE = ("name", "months", "uses", "is_safety", "checklist", "remind_days")
#: What until when items are in order depends on.
_DECIDES = frozenset({"months", "uses", "is_safety"})


@transaction.atomic
def save_plan(plan: InspectionPlan, *, by: Any, version: int | None = None) -> InspectionPlan:
    """Create a plan, or write what it says; every item of the type is reckoned anew. Nothing changed: nothing written.

    `breaks` of what is returned are the events that lack something because of it; their planners are told.

    Raises NotAllowed, Gone, StaleRecord when `version` is not the row's, ValidationError for bad values, also for a
    name that is taken.
    """
    require(by, CHANGE)
    lock_type(plan.type_id)
    row = _locked(plan.pk) if plan.pk else plan
    row.expect_version(version if plan.pk else None)
    changed = {name: value for name, value in _typed(plan).items() if not plan.pk or getattr(row, name) != value}
    if not changed:
        return row
    for name, value in changed.items():
        setattr(row, name, value)
    return _written(row, by=by, decides=bool(changed.keys() & _DECIDES))


def _typed(plan: InspectionPlan) -> dict[str, Any]:
    values = {name: getattr(plan, name) for name in EDITABLE}
    lines = tidy_lines(plan.checklist).splitlines()
    return {**values, "name": tidy(plan.name), "checklist": "\n".join(line for line in lines if line)}


def _written(row: InspectionPlan, *, by: Any, decides: bool, kind: str = "") -> InspectionPlan:
    """Write a plan and then, where it matters, how the items of its type stand, which nobody else writes meanwhile."""
    row.full_clean()
    if row.pk:
        row.raise_version()
    with audit.trail(by=by, kind=kind), name_still_free(_taken()):
        row.save()
    if decides:
        items = _locked_items(row.type_id)
        with watching_stock([row.type_id], by=by, at=timezone.now()) as broken:
            standings.settle(items)
        row.breaks = broken.events
    return row


def _taken() -> Any:
    return InspectionPlan._meta.constraints[0].violation_error_message


def _locked_items(type_id: Any) -> list[Any]:
    """Lock the items of a type by key; whoever records or hands one out has this lock as well."""
    items = EquipmentItem.objects.filter(type=type_id).select_for_update(no_key=True).order_by("pk")
    return [item.pk for item in items.only("pk")]


def _locked(plan_id: Any) -> InspectionPlan:
    row = InspectionPlan.objects.select_for_update(no_key=True).filter(pk=plan_id).first()
    if row is None:
        raise Gone(_("This plan of inspections does not exist."))
    return row


def archive_plan(plan_id: Any, *, by: Any) -> InspectionPlan:
    """Put a plan away: nothing is due by it any more, its results stay. Raises NotAllowed, Gone, DomainError."""
    return _archive(plan_id, to=True, by=by)


def unarchive_plan(plan_id: Any, *, by: Any) -> InspectionPlan:
    """Take a plan out of the archive; items are due by it again. Raises NotAllowed, Gone, DomainError."""
    return _archive(plan_id, to=False, by=by)


@transaction.atomic
def _archive(plan_id: Any, *, to: bool, by: Any) -> InspectionPlan:
    require(by, CHANGE)
    type_id = InspectionPlan.objects.filter(pk=plan_id).values_list("type", flat=True).first()
    if type_id is not None:
        lock_type(type_id)
    row = _locked(plan_id)
    if row.is_archived == to:
        raise DomainError(_("The plan is already archived.") if to else _("The plan is not archived."))
    row.is_archived = to
    return _written(row, by=by, decides=True, kind=AuditEntry.Kind.ARCHIVE if to else AuditEntry.Kind.UNARCHIVE)
