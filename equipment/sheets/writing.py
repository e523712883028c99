"""Writing tables: XLSX with real days and numbers, CSV as spreadsheet programs and other machines read it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from medcover.common.spreadsheet import safe_cell

CSV = "text/csv; charset=utf-8"
_DAY_FORMAT, _MOMENT_FORMAT = "dd.mm.yyyy", "dd.mm.yyyy hh:mm"
_HEADING_FILL = PatternFill("solid", start_color="E9ECEF")


def workbook(
    title: object, headings: Sequence[str], widths: Sequence[int], rows: Iterable[list[Any]], *, frozen: str = "C2"
) -> bytes:
    """Return a workbook with one sheet; widths are in characters, what stands above and left of `frozen` stays."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = str(title)
    sheet.append(list(headings))
    for number, row in enumerate(rows, start=2):
        for place, value in enumerate(row, start=1):
            _write(sheet.cell(number, place), value)
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
        heading = sheet.cell(1, place)
        heading.font, heading.fill = Font(bold=True), _HEADING_FILL
    sheet.freeze_panes = frozen
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


def csv_file(headings: Sequence[str], rows: Iterable[list[Any]]) -> bytes:
    """Return the table as CSV: UTF-8 with its mark, commas, days as ISO writes them, a decimal point."""
    stream = StringIO()
    writer = csv.writer(stream)
    writer.writerow(headings)
    writer.writerows([_written(value) for value in row] for row in rows)
    return stream.getvalue().encode("utf-8-sig")


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else safe_cell(value)
