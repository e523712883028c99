"""Inspections that are due, as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from equipment.inspection_rules import State
from equipment.models import ItemInspection
from equipment.sheets.writing import csv_file, workbook

TITLE = _("Inspections")

#: How an inspection stands, in words.
STATE_WORDS: dict[State, Promise] = {
    State.FAILED: pgettext_lazy("inspection", "Failed"),
    State.OVERDUE: _("Overdue"),
    State.SOON: pgettext_lazy("inspection", "Due soon"),
    State.FINE: _("In order"),
}


@dataclass(frozen=True)
class _Column:
    heading: Promise
    value: Callable[[ItemInspection, date], Any]
    width: int = 16


_COLUMNS = (
    _Column(pgettext_lazy("thing", "Name"), lambda row, _day: row.item.name, 32),
    _Column(_("Type"), lambda row, _day: row.item.type.name, 22),
    _Column(_("Serial number"), lambda row, _day: row.item.serial_number or None),
    _Column(_("Storage location"), lambda row, _day: row.item.location.name if row.item.location else None, 22),
    _Column(_("Place within the location"), lambda row, _day: row.item.place or None, 24),
    _Column(_("Inspection"), lambda row, _day: row.plan.name, 28),
    _Column(_("Safety"), lambda row, _day: _("yes") if row.plan.is_safety else _("no"), 12),
    _Column(_("State"), lambda row, day: STATE_WORDS[row.state_on(day)], 14),
    _Column(_("Due on"), lambda row, _day: row.due_on, 13),
    _Column(_("Last inspection"), lambda row, _day: row.last_result.done_on if row.last_result else None, 13),
    _Column(_("Outcome"), lambda row, _day: row.last_result.get_outcome_display() if row.last_result else None, 20),
    _Column(_("Uses since then"), lambda row, _day: row.uses if row.plan.uses else None, 10),
)


def headings() -> list[str]:
    """Return the headings in the active language."""
    return [str(column.heading) for column in _COLUMNS]


def rows_of(inspections: Any, today: date) -> Iterator[list[Any]]:
    """Yield the cells of each inspection, in the order of the page."""
    for row in inspections.with_names():
        yield [column.value(row, today) for column in _COLUMNS]


def to_xlsx(rows: Iterable[list[Any]]) -> bytes:
    """Return the workbook with one sheet."""
    return workbook(TITLE, headings(), [column.width for column in _COLUMNS], rows, frozen="B2")


def to_csv(rows: Iterable[list[Any]]) -> bytes:
    """Return the table as CSV."""
    return csv_file(headings(), rows)


def file_name(at: datetime, ending: str) -> str:
    """Return the name under which the file is offered."""
    return f"medcover-prohlidky-{at:%Y-%m-%d}.{ending}"
