"""What every change of a repair begins and ends with: its lock, its line in the timeline, its entry in the record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from auditlog.diff import model_instance_diff
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from equipment.models import Repair, RepairEntry
from equipment.models.repair import LONGEST_TEXT
from equipment.repairs.rules import as_told
from equipment.services.locking import Gone, lock_item_of_stock
from equipment.services.shortage import watching_stock
from equipment.signals import repair_changed
from medcover.common.errors import DomainError
from medcover.common.text import tidy_lines
from medcover.system import audit
from medcover.system.models import AuditEntry
from roster.models import User
from roster.services import lock_person

MANAGE, REPORT = "equipment.manage_repairs", "equipment.report_problem"

#: What can be changed of a repair → how the timeline calls it, in the order in which it is told.
COLUMNS: Mapping[str, str] = {
    "status": RepairEntry.Kind.STATUS,
    "severity": RepairEntry.Kind.SEVERITY,
    "assignee_id": RepairEntry.Kind.ASSIGNEE,
    "eta": RepairEntry.Kind.ETA,
    "duplicate_of_id": RepairEntry.Kind.DUPLICATE,
    "specialist_text": RepairEntry.Kind.SPECIALIST,
}


def lock_repair(repair_id: Any, *, version: int | None = None) -> Repair:
    """Lock and return a repair, its item before it; the item of a repair never changes.

    Raises Gone, StaleRecord when `version` is not the repair's.
    """
    item_id = Repair.objects.filter(pk=repair_id).values_list("item", flat=True).first()
    if item_id is None:
        raise Gone(_("This repair does not exist."))
    item = lock_item_of_stock(item_id)
    row: Repair = Repair.objects.select_for_update(no_key=True).get(pk=repair_id)
    row.item = item
    row.expect_version(version)
    return row


def locked_assignee(person_id: Any) -> User:
    """Lock and return somebody who works on repairs, before any item. Raises DomainError."""
    try:
        person = lock_person(person_id)
    except (User.DoesNotExist, ValidationError) as error:
        raise DomainError(_("This person does not exist.")) from error
    if not (person.is_active and person.has_perm(MANAGE)):
        raise DomainError(_("Repairs are assigned only to people who may work on them."))
    return person


def visible_text(text: str, empty: Any = "") -> str:
    """Return a note or a description as it is kept. Raises DomainError when it is too long, or shows nothing.

    `empty` is what is said of a text that shows nothing; without it there may be none.
    """
    tidied = tidy_lines(text)
    if not tidied and empty:
        raise DomainError(empty)
    if len(tidied) > LONGEST_TEXT:
        raise DomainError(gettext("The text may have at most %(count)d characters.") % {"count": LONGEST_TEXT})
    return tidied


def written(before: Repair, row: Repair, changed: list[str], note: str, *, by: Any, at: datetime) -> None:
    """Write the changed columns, and tell of them and of the note: in the timeline, in the record, to who listens."""
    if changed:
        row.raise_version()
        with leaving_stock(row, is_leaving=row.blocks and not before.blocks, by=by, at=at):
            _stored(row, changed)
    RepairEntry.objects.bulk_create(_entries(before, row, changed, note, by=by, at=at))
    _recorded(before, row, changed, note, by=by)
    if changed:
        repair_changed.send(Repair, before=before, after=row, by=by, at=at)


def _stored(row: Repair, changed: list[str]) -> None:
    with audit.unrecorded():
        row.save(update_fields=[*(column.removesuffix("_id") for column in changed), "version"])


@contextmanager
def leaving_stock(row: Repair, *, is_leaving: bool, by: Any, at: datetime) -> Iterator[None]:
    """Tell the planners of events that lack something when a repair takes its item away: `row.breaks`."""
    if not is_leaving:
        yield
        return
    with watching_stock([row.item.type_id], by=by, at=at) as broken:
        yield
    row.breaks = broken.events


def _entries(
    before: Repair, row: Repair, changed: list[str], note: str, *, by: Any, at: datetime
) -> Iterator[RepairEntry]:
    about: dict[str, Any] = {"repair": row, "author": by, "created": at}
    for column in (column for column in COLUMNS if column in changed):
        kind = COLUMNS[column]
        if column == "specialist_text":
            yield RepairEntry(kind=kind, text=row.specialist_text, **about)
        else:
            yield RepairEntry(kind=kind, old=_told(before, column), new=_told(row, column), **about)
    if note:
        yield RepairEntry(kind=RepairEntry.Kind.NOTE, text=note, **about)


def _told(row: Repair, column: str) -> str:
    if column == "assignee_id":
        return row.assignee.name if row.assignee else ""
    return as_told(getattr(row, column))


def _recorded(before: Repair, row: Repair, changed: list[str], note: str, *, by: Any) -> None:
    """Write one entry for the whole save."""
    names = [column.removesuffix("_id") for column in changed]
    changes = model_instance_diff(before, row, fields_to_check=names) if names else None
    kind = AuditEntry.Kind.STATUS if "status" in changed else AuditEntry.Kind.EDIT
    summary = audit.sentence(_("Repair #%(number)d of “%(item)s”"), {"number": row.pk, "item": row.item.name})
    audit.record(row, kind=kind, by=by, summary=summary, changes={**(changes or {}), **_noted(note)})


def _noted(note: str) -> dict[str, list[str]]:
    return {"note": ["", note]} if note else {}
