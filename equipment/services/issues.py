"""Services of issuing items to people, returning them, and what their holders report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from equipment import rules
from equipment.models import EquipmentItem, Issue, ItemReport, Repair
from equipment.repairs.rules import Severity
from equipment.rules import Reason
from equipment.services import standings
from equipment.services.locking import lock_item, lock_item_of_stock, refuse_archived, require
from equipment.services.repairs.opening import Problem, open_on
from equipment.services.shortage import watching_stock
from medcover.common.bulk import BulkResult, for_each
from medcover.common.errors import DomainError, NotAllowed
from medcover.common.text import tidy_lines
from medcover.system import audit
from medcover.system.models import AuditEntry
from roster.models import User
from roster.services import lock_person

ISSUE, REPORT = "equipment.issue_equipmentitem", "equipment.report_own_equipmentitem"

#: Why an item is not handed out; the first one that holds is said.
_REFUSALS: dict[Reason, Promise] = {
    Reason.ARCHIVED: _("The item is archived. Take it out of the archive first."),
    Reason.LOST: _("The item is reported lost. Mark it as found first."),
    Reason.EXPIRED: _("The item has expired and must not be used any more."),
    Reason.IN_SERVICE: _("The item is out of service at the moment."),
    Reason.DOWN: _("The item is down: it has a repair that is not done yet."),
    Reason.INSPECTION_OVERDUE: _("A safety inspection of the item is overdue, or it has failed one."),
}


@transaction.atomic
def issue(item_id: Any, person_id: Any, *, by: Any, at: datetime, version: int | None = None) -> Issue:
    """Hand an item out to a person.

    Raises NotAllowed, Gone, StaleRecord when `version` is not the item's, DomainError when the person cannot have it,
    or when the item is with somebody, out of service, expired, overdue for a safety inspection, lost or archived.
    """
    require(by, ISSUE)
    person = _locked_holder(person_id)
    item = lock_item(item_id, version=version)
    if _open_issue(item) is not None:
        raise DomainError(_("The item is already with somebody."))
    if reasons := rules.reasons_now(facts_of(item), at, day=timezone.localdate(at)):
        raise DomainError(next(words for reason, words in _REFUSALS.items() if reason in reasons))
    with audit.trail(by=by):
        made = Issue.objects.create(item=item, person=person, issued_at=at, issued_by=by)
    _record_holder(item, None, person, _("“%(item)s” issued to %(person)s"), by=by)
    return made


def take(item_id: Any, *, by: Any, at: datetime, version: int | None = None) -> Issue:
    """Hand an item out to whoever asks. Refuses as `issue` does."""
    return issue(item_id, by.pk, by=by, at=at, version=version)


def _locked_holder(person_id: Any) -> User:
    try:
        person = lock_person(person_id)
    except (User.DoesNotExist, ValidationError) as error:
        raise DomainError(_("This person does not exist.")) from error
    if not person.is_active:
        raise DomainError(_("Items are issued only to people whose account is active."))
    return person


def _open_issue(item: EquipmentItem) -> Issue | None:
    return Issue.objects.open().filter(item=item).select_related("person").first()


def facts_of(item: EquipmentItem) -> rules.Facts:
    """Return what the rules of availability ask about an item."""
    windows = [window.span for window in item.service_windows.all()]
    is_down = Repair.objects.blocking().filter(item=item).exists()
    return rules.Facts(
        item.is_archived, item.is_lost, item.expires_on, windows, safe_until=item.safe_until, is_down=is_down
    )


def _record_holder(item: EquipmentItem, old: User | None, new: User | None, words: Promise, *, by: Any) -> None:
    """Count the change of the item, and record it with the holder before and after."""
    item.raise_version()
    with audit.unrecorded():
        item.save(update_fields=["version", "updated"])
    person = new or old
    summary = audit.sentence(words, {"item": item.name, "person": person.name if person else ""})
    changes = {"holder": [old.name if old else "", new.name if new else ""]}
    audit.record(item, kind=AuditEntry.Kind.EDIT, by=by, summary=summary, changes=changes)


@transaction.atomic
def take_back(item_id: Any, *, by: Any, at: datetime, version: int | None = None) -> Issue:
    """Note that an item has been returned: by whoever issues items, or by the holder.

    Where it was the last use before an inspection, planners of events that lack something now are told. Raises
    NotAllowed, Gone, StaleRecord when `version` is not the item's, DomainError when nobody has it.
    """
    item = standings.lock_to_count_use(item_id)
    row = _open_issue(item)
    if not _may_take_back(by, row):
        raise NotAllowed
    item.expect_version(version)
    if row is None:
        raise DomainError(_("Nobody has this item."))
    row.returned_at, row.returned_by = max(at, row.issued_at), by
    with audit.trail(by=by):
        row.save(update_fields=["returned_at", "returned_by"])
    standings.count_use(item, by=by, at=at)
    _record_holder(item, row.person, None, _("“%(item)s” returned by %(person)s"), by=by)
    return row


def _may_take_back(by: Any, row: Issue | None) -> bool:
    if by is None or by.has_perm(ISSUE):
        return True
    return row is not None and row.person_id == by.pk


def take_back_all(ids: Sequence[Any], *, by: Any, at: datetime) -> BulkResult:
    """Note that each of the items has been returned; what is refused is reported."""
    names = EquipmentItem.objects.filter(pk__in=ids).order_by("name_sort", "pk").values_list("pk", "name")
    return for_each(dict(names), lambda key: take_back(key, by=by, at=at))


@transaction.atomic
def report(item_id: Any, *, kind: str, text: str, by: Any, at: datetime) -> ItemReport:
    """Keep what the holder says about the state of an item, and draw the consequence.

    What needs service is down from now on, until its repair is closed; what is lost counts no more.
    Raises NotAllowed to whoever does not have the item, Gone, ValidationError for an empty text, DomainError for an
    archived item.
    """
    require(by, REPORT)
    item = lock_item_of_stock(item_id)
    refuse_archived(item)
    row = _open_issue(item)
    if row is None or row.person_id != by.pk:
        raise NotAllowed(_("The state of an item is reported by whoever has it."))
    with audit.trail(by=by):
        return keep_report(item, kind=kind, text=text, by=by, at=at)


def keep_report(item: EquipmentItem, *, kind: str, text: str, by: Any, at: datetime) -> ItemReport:
    """Keep what somebody says about a locked item, with the consequence, inside the open trail.

    Raises ValidationError for an empty text.
    """
    made = ItemReport(item=item, person=by, kind=kind, text=tidy_lines(text), created=at)
    made.full_clean()
    _CONSEQUENCES[ItemReport.Kind(kind)](item, made, at)
    made.save()
    return made


def _to_be_repaired(item: EquipmentItem, made: ItemReport, at: datetime) -> None:
    """Open a repair that takes the item down."""
    problem = Problem(made.text, Severity.DOWN)
    made.repair = open_on(item, problem, by=made.person, at=at, reporter=made.person)


def _lost(item: EquipmentItem, made: ItemReport, at: datetime) -> None:
    if item.is_lost:
        return
    item.lost_since = at
    item.raise_version()
    with watching_stock([item.type_id], by=made.person, at=at):
        item.save(update_fields=["lost_since", "version", "updated"])


def _nothing(_item: EquipmentItem, _made: ItemReport, _at: datetime) -> None:
    """A note has no consequence."""


_CONSEQUENCES = {
    ItemReport.Kind.NOTE: _nothing,
    ItemReport.Kind.SERVICE: _to_be_repaired,
    ItemReport.Kind.LOST: _lost,
}
