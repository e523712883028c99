"""The queue of repairs as a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from equipment.models import Repair
from equipment.repairs.rules import days_between
from equipment.sheets.writing import csv_file


def headings() -> list[str]:
    """Return the headings in the active language."""
    return [
        _("Number"), _("Item"), _("Type"), _("Storage location"), _("Severity"), pgettext("repair", "Status"),
        _("Reported"), _("Age in days"), _("Expected to be done"), _("Assignee"), _("Reported by"), _("What is wrong"),
        _("Safety risk"), _("Consumable"),
    ]  # fmt: skip


def rows_of(repairs: Iterable[Repair], at: datetime) -> Iterator[list[Any]]:
    """Yield the cells of each repair; they come from `with_names()`."""
    for repair in repairs:
        location = repair.item.location
        yield [
            repair.pk, repair.item.name, repair.item.type.name, location.name if location else None,
            repair.get_severity_display(), repair.get_status_display(),
            timezone.localtime(repair.created).replace(tzinfo=None), days_between(repair.created, at), repair.eta,
            repair.assignee.name if repair.assignee else None, repair.reported_by, repair.description,
            _yes(repair.is_safety_risk), _yes(repair.is_consumable),
        ]  # fmt: skip


def _yes(holds: bool) -> str:
    return _("yes") if holds else _("no")


def to_csv(repairs: Iterable[Repair], at: datetime) -> bytes:
    """Return the repairs as CSV."""
    return csv_file(headings(), rows_of(repairs, at))


def file_name(at: datetime) -> str:
    """Return the name under which the file is offered."""
    return f"medcover-zavady-{at:%Y-%m-%d}.csv"
