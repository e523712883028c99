"""Items as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from equipment.sheets.columns import COLUMNS, TITLE
from equipment.sheets.writing import CSV, csv_file, workbook
from equipment.states import ItemState, states_of

__all__ = ["CSV", "file_name", "headings", "rows_of", "to_csv", "to_xlsx"]


@dataclass(frozen=True)
class _Told:
    """A column that is only told: who has an item and how it stands is changed by services, not by files."""

    heading: Promise
    value: Callable[[ItemState], Any]
    width: int = 16


_TOLD = (
    _Told(_("Issued to"), lambda state: state.issue.person.name if state.issue else None, 24),
    _Told(_("Issued"), lambda state: _local(state.issue.issued_at) if state.issue else None),
    _Told(_("Out of service from"), lambda state: _local(state.active.since) if state.active else None),
    _Told(_("Out of service until"), lambda state: _local(state.active.until) if state.active else None),
    _Told(_("Lost since"), lambda state: _local(state.item.lost_since)),
)


def _local(moment: datetime | None) -> datetime | None:
    """Return a moment by the clock on the wall to the minute, as cells know no zones."""
    return timezone.localtime(moment).replace(tzinfo=None, second=0, microsecond=0) if moment else None


def headings() -> list[str]:
    """Return the headings in the active language."""
    return [str(column.heading) for column in (*COLUMNS, *_TOLD)]


def rows_of(items: Any, at: datetime) -> Iterator[list[Any]]:
    """Yield the cells of each item; the number of queries does not grow with them."""
    read = items.select_related("type", "location").with_holder().with_windows_left(at).with_status()
    for state in states_of(read, at):
        yield [*(_value(state.item, column.key) for column in COLUMNS), *(told.value(state) for told in _TOLD)]


def _value(item: Any, key: str) -> Any:
    value = getattr(item, key)
    if key in {"type", "location"}:
        return value.name if value else None
    return None if value == "" else value


def to_xlsx(rows: Iterable[list[Any]]) -> bytes:
    """Return the workbook with one sheet."""
    widths = [*(column.width for column in COLUMNS), *(told.width for told in _TOLD)]
    return workbook(TITLE, headings(), widths, rows)


def to_csv(rows: Iterable[list[Any]]) -> bytes:
    """Return the table as CSV."""
    return csv_file(headings(), rows)


def file_name(at: datetime, ending: str) -> str:
    """Return the name under which the file is offered."""
    return f"medcover-vybaveni-{at:%Y-%m-%d}.{ending}"
