"""Services of inspections: recording what came of them, for one item and for several at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from equipment import documents
from equipment.models import Attachment, EquipmentItem, InspectionPlan, InspectionResult
from equipment.services import files, standings
from equipment.services.locking import Gone, lock_item_of_stock, refuse_archived, require
from equipment.services.shortage import watching_stock
from medcover.common.bulk import BulkResult, for_each
from medcover.common.errors import DomainError
from medcover.common.text import tidy, tidy_lines
from medcover.system import audit
from medcover.system.models import AuditEntry
from roster.models import User

RECORD = "equipment.record_inspection"
Outcome = InspectionResult.Outcome
_PASSED = frozenset({Outcome.PASSED, Outcome.REMARKS})


@dataclass(frozen=True)
class Finding:
    """What somebody has found: on which local day, who (a person's key or the name of a firm), and how it ended."""

    done_on: date
    outcome: str
    done_by: Any = None
    firm: str = ""
    note: str = ""
    next_due: date | None = None
    #: Places of the ticked points in the checklist of the plan.
    ticked: Collection[int] = ()
    #: Key of the result that this one takes the place of.
    corrects: Any = None
    #: Report of the inspection as PDF, with its name.
    protocol: tuple[bytes, str] | None = None


def record(item_id: Any, plan_id: Any, finding: Finding, *, by: Any, at: datetime) -> InspectionResult:
    """Keep what came of an inspection, and from then on let the item be due, and count, as it follows from it.

    Raises NotAllowed, Gone, UnfitDocument, ValidationError for texts that are too long, DomainError for an archived
    item or plan, a plan of another type, a day to come, a point that is not ticked, a missing note, a result that has
    been recorded or corrected already. `breaks` of what is returned are the events that lack something because of it;
    their planners are told.
    """
    require(by, RECORD)
    if finding.protocol:
        documents.require_pdf(finding.protocol[0])
    return _record(item_id, plan_id, finding, by=by, at=at)


@transaction.atomic
def _record(item_id: Any, plan_id: Any, finding: Finding, *, by: Any, at: datetime) -> InspectionResult:
    item = lock_item_of_stock(item_id)
    refuse_archived(item)
    # Read under the lock of the item: whoever changes the plan waits for it, or has let it go already.
    plan = _plan_for(item, plan_id)
    _refuse_unfit(plan, finding, today=timezone.localdate(at))
    made = _made(item, plan, finding, by=by, at=at)
    _refuse_repeated(made)
    # What its columns may hold; the rows that it names were just read, and what goes together is refused above.
    made.clean_fields(exclude=["item", "plan", "done_by", "corrects", "recorded_by"])
    with watching_stock([item.type_id], by=by, at=at) as broken:
        with audit.trail(by=by):
            made.protocol = _kept_protocol(item, finding, by=by)
            made.save()
        _settle(item, made, by=by)
    made.breaks = broken.events
    return made


def _plan(plan_id: Any) -> InspectionPlan:
    plan: InspectionPlan | None = InspectionPlan.objects.filter(pk=plan_id).first()
    if plan is None:
        raise Gone(_("This plan of inspections does not exist."))
    return plan


def _plan_for(item: EquipmentItem, plan_id: Any) -> InspectionPlan:
    plan = _plan(plan_id)
    if plan.type_id != item.type_id:
        raise DomainError(_("This inspection belongs to another type of equipment."))
    if plan.is_archived:
        raise DomainError(_("This inspection is archived; nothing is recorded for it any more."))
    return plan


def _made(item: EquipmentItem, plan: InspectionPlan, finding: Finding, *, by: Any, at: datetime) -> InspectionResult:
    corrected = _corrected(item, plan, finding.corrects)
    ticked = set(finding.ticked)
    return InspectionResult(
        item=item,
        plan=plan,
        done_on=finding.done_on,
        done_by=_inspector(finding, corrected),
        firm=tidy(finding.firm),
        outcome=finding.outcome,
        note=tidy_lines(finding.note),
        next_due=finding.next_due,
        ticked="\n".join(point for place, point in enumerate(plan.points) if place in ticked),
        unticked="\n".join(point for place, point in enumerate(plan.points) if place not in ticked),
        corrects=corrected,
        recorded_at=at,
        recorded_by=by,
    )


def _corrected(item: EquipmentItem, plan: InspectionPlan, key: Any) -> InspectionResult | None:
    if key is None:
        return None
    row = InspectionResult.objects.filter(pk=key, item=item, plan=plan).select_related("correction").first()
    if row is None:
        raise Gone(_("The result that is to be corrected does not exist."))
    if hasattr(row, "correction"):
        raise DomainError(_("This result has already been corrected."))
    if not row.counts:
        raise DomainError(_("This result has been withdrawn; record the inspection anew."))
    return row


def _inspector(finding: Finding, corrected: InspectionResult | None) -> User | None:
    """Return the person who made the inspection; None for a firm."""
    if bool(finding.done_by) == bool(tidy(finding.firm)):
        raise DomainError(_("Say who made the inspection: one of our people, or an outside firm."))
    if not finding.done_by:
        return None
    person: User | None = User.objects.filter(pk=finding.done_by).first()
    if person is None or not (person.is_active or (corrected and corrected.done_by_id == person.pk)):
        raise DomainError(_("This person does not exist."))
    return person


def _refuse_unfit(plan: InspectionPlan, finding: Finding, *, today: date) -> None:
    """Refuse what cannot be true of any item."""
    passed, ticked = finding.outcome in _PASSED, set(finding.ticked)
    if finding.done_on > today:
        raise DomainError(_("The day of the inspection is still to come."))
    if finding.outcome == Outcome.VOID and finding.corrects is None:
        raise DomainError(_("Only a result that was recorded before can be withdrawn."))
    if finding.outcome != Outcome.PASSED and not tidy_lines(finding.note):
        raise DomainError(_("Say in the note what was found, or why the result is withdrawn."))
    if finding.outcome == Outcome.PASSED and not ticked.issuperset(range(len(plan.points))):
        raise DomainError(
            _("Some points of the checklist are not ticked. Choose “Passed with remarks” or “Failed” and say why.")
        )
    if finding.next_due and not passed:
        raise DomainError(_("A next day can be set only for an inspection that was passed."))
    if finding.next_due and finding.next_due <= finding.done_on:
        raise DomainError(_("The next inspection must be after this one."))


def _refuse_repeated(made: InspectionResult) -> None:
    """Refuse what a second touch, or a second person, records of the same inspection."""
    if made.corrects is not None:
        return
    same = InspectionResult.objects.counting().filter(item=made.item, plan=made.plan, done_on=made.done_on)
    last = same.in_order().last()
    if last is not None and last.outcome == made.outcome:
        raise DomainError(_("This result has already been recorded for that day."))


def _kept_protocol(item: EquipmentItem, finding: Finding, *, by: Any) -> Attachment | None:
    if not finding.protocol:
        return None
    data, name = finding.protocol
    return files.keep_report(item, data, name=name, by=by)


def _settle(item: EquipmentItem, made: InspectionResult, *, by: Any) -> None:
    """Write until when the item is in order now, and tell of it in the history of the item."""
    before = item.inspection_due_on
    standings.settle([item.pk])
    item.refresh_from_db(fields=["inspection_due_on", "safe_until"])
    item.raise_version()
    with audit.unrecorded():
        item.save(update_fields=["version", "updated"])
    summary = audit.sentence(
        "%(item)s – %(plan)s: %(outcome)s",
        {"item": item.name, "plan": made.plan.name, "outcome": Outcome(made.outcome).label},
    )
    changes = {"inspection_due_on": [before, item.inspection_due_on]}
    audit.record(item, kind=AuditEntry.Kind.EDIT, by=by, summary=summary, changes=_as_text(changes))


def _as_text(changes: dict[str, list[Any]]) -> dict[str, list[str]]:
    return {name: [str(value) for value in values] for name, values in changes.items()}


def record_all(item_ids: Sequence[Any], plan_id: Any, finding: Finding, *, by: Any, at: datetime) -> BulkResult:
    """Keep the same finding for each of the items; what is refused for one of them is reported.

    Raises NotAllowed, Gone, DomainError for what would be refused for all of them.
    """
    require(by, RECORD)
    _refuse_unfit(_plan(plan_id), finding, today=timezone.localdate(at))
    _inspector(finding, None)
    names = EquipmentItem.objects.filter(pk__in=item_ids).order_by("name_sort", "pk").values_list("pk", "name")
    return for_each(dict(names), lambda key: record(key, plan_id, finding, by=by, at=at))
