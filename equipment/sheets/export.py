"""Items as a file: XLSX with real days and numbers, CSV as spreadsheet programs and other machines read it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from equipment.sheets.columns import COLUMNS, TITLE
from equipment.states import ItemState, states_of
from medcover.common.spreadsheet import safe_cell

CSV = "text/csv; charset=utf-8"
_DAY_FORMAT, _MOMENT_FORMAT = "dd.mm.yyyy", "dd.mm.yyyy hh:mm"
_HEADING_FILL = PatternFill("solid", start_color="E9ECEF")


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
    book = Workbook()
    sheet: Any = book.active
    sheet.title = str(TITLE)
    sheet.append(headings())
    for number, row in enumerate(rows, start=2):
        for place, value in enumerate(row, start=1):
            _write(sheet.cell(number, place), value)
    widths = [*(column.width for column in COLUMNS), *(told.width for told in _TOLD)]
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
        heading = sheet.cell(1, place)
        heading.font, heading.fill = Font(bold=True), _HEADING_FILL
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = sheet.dimensions
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _write(cell: Any, value: Any) -> None:
    cell.value = safe_cell(value)
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    if isinstance(value, datetime):
        cell.number_format = _MOMENT_FORMAT
    elif isinstance(value, date):
        cell.number_format = _DAY_FORMAT


def to_csv(rows: Iterable[list[Any]]) -> bytes:
    """Return the table of items as CSV."""
    return csv_of(headings(), rows)


def csv_of(heads: Iterable[str], rows: Iterable[list[Any]]) -> bytes:
    """Return a table as CSV: UTF-8 with its mark, commas, days as ISO writes them, a decimal point.

    No cell begins as a formula does.
    """
    stream = StringIO()
    writer = csv.writer(stream)
    writer.writerow([safe_cell(head) for head in heads])
    writer.writerows([_written(value) for value in row] for row in rows)
    return stream.getvalue().encode("utf-8-sig")


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else safe_cell(value)


def file_name(at: datetime, ending: str) -> str:
    """Return the name under which the file is offered."""
    return f"medcover-vybaveni-{at:%Y-%m-%d}.{ending}"
