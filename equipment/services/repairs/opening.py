"""Services that open repairs: reports of people, and what technicians enter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from equipment.models import EquipmentItem, Repair, RepairEntry
from equipment.photos.isolated import photo_jpeg
from equipment.repairs.rules import Severity
from equipment.services.files import file_name
from equipment.services.locking import lock_item_of_stock, refuse_archived, require
from equipment.services.repairs.photos import keep
from equipment.services.repairs.record import MANAGE, REPORT, leaving_stock, locked_assignee, visible_text
from equipment.signals import repair_changed
from medcover.common.errors import DomainError
from medcover.common.text import tidy
from medcover.system import audit


@dataclass(frozen=True)
class Problem:
    """What is wrong with an item, as it was typed. Without a severity nobody has judged it yet."""

    description: str
    severity: str = ""
    is_safety_risk: bool = False
    is_consumable: bool = False


@dataclass(frozen=True)
class Stranger:
    """Somebody without an account, as they have called themselves."""

    name: str
    email: str = ""


@dataclass(frozen=True)
class Picture:
    """A file that somebody has sent along."""

    data: bytes
    name: str = ""


@dataclass(frozen=True)
class Reported:
    """The repair that a report has opened, and why its picture was not kept; empty when it was, or there was none."""

    repair: Repair
    picture_refused: str = ""


def report(
    item_id: Any,
    problem: Problem,
    *,
    by: Any,
    at: datetime,
    picture: Picture | None = None,
    stranger: Stranger | None = None,
) -> Reported:
    """Keep what somebody says is wrong with an item; a picture that cannot be kept does not keep the report back.

    `by` is the reporter; None together with a `stranger`. A report always says how bad it is: UNSURE, if nothing else.
    Raises NotAllowed, Gone, ValidationError, DomainError for an archived item or a description that shows nothing.
    """
    require(by, REPORT)
    # Before anything is locked: this takes a moment.
    jpeg, refused = _made_anew(picture)
    with transaction.atomic():
        item = lock_item_of_stock(item_id)
        row = open_on(item, problem, by=by, at=at, reporter=by, stranger=stranger)
        if jpeg and picture:
            keep(row, jpeg, name=file_name(picture.name), by=by, at=at, author_name=row.reporter_name)
    return Reported(row, refused)


def _made_anew(picture: Picture | None) -> tuple[bytes, str]:
    if picture is None:
        return b"", ""
    try:
        return photo_jpeg(picture.data), ""
    except DomainError as refusal:
        return b"", str(refusal)


@transaction.atomic
def create(item_id: Any, problem: Problem, *, by: Any, at: datetime, assignee_id: Any = None) -> Repair:
    """Open a repair as whoever works on repairs does; it begins as NEW, also with an assignee.

    Raises NotAllowed, Gone, ValidationError, DomainError for an archived item, an empty description, or an assignee who
    may not work on repairs.
    """
    require(by, MANAGE)
    assignee = locked_assignee(assignee_id) if assignee_id else None
    return open_on(lock_item_of_stock(item_id), problem, by=by, at=at, assignee=assignee)


def open_on(
    item: EquipmentItem,
    problem: Problem,
    *,
    by: Any,
    at: datetime,
    reporter: Any = None,
    stranger: Stranger | None = None,
    assignee: Any = None,
) -> Repair:
    """Open a repair of a locked item; the caller has asked for rights. Raises as `report` does."""
    refuse_archived(item)
    row = Repair(item=item, reporter=reporter, assignee=assignee, created=at, **_as_kept(problem))
    if stranger is not None:
        row.reporter_name, row.reporter_email = tidy(stranger.name), stranger.email.strip()
    if (reporter or stranger) and not row.severity:
        row.severity = Severity.UNSURE
    row.clean_fields(exclude=["item", "reporter", "assignee"])
    with leaving_stock(row, is_leaving=row.blocks, by=by, at=at), audit.trail(by=by):
        row.save()
    RepairEntry.objects.create(
        repair=row, kind=RepairEntry.Kind.CREATED, author=by, author_name=row.reporter_name, created=at
    )
    repair_changed.send(Repair, before=None, after=row, by=by, at=at)
    return row


def _as_kept(problem: Problem) -> dict[str, Any]:
    return {
        "description": visible_text(problem.description, _("Write what is wrong.")),
        "severity": problem.severity,
        "is_safety_risk": problem.is_safety_risk,
        "is_consumable": problem.is_consumable,
    }
