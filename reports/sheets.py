"""Tables of reports as files: CSV, and workbooks in one style."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from medcover.common.downloads import XLSX
from medcover.common.spreadsheet import safe_cell

#: Rows of a workbook; one of more keeps everybody else waiting.
MOST_ROWS = 5000

Row = Sequence[Any]

_THIN = Side(style="thin")
_FRAME = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_PLAIN, _BOLD = Font(name="Calibri", size=10), Font(name="Calibri", size=10, bold=True)
_HEADING = Font(name="Calibri", size=10, bold=True, color="FFFFFF")
_HEADING_FILL, _TITLE_FILL = PatternFill("solid", start_color="4472C4"), PatternFill("solid", start_color="D9E1F2")
_TITLE_ROW, _SUBTITLE_ROW, _HEADING_ROW = 1, 2, 3
_HEIGHTS = {_TITLE_ROW: 22, _SUBTITLE_ROW: 15, _HEADING_ROW: 30}


@dataclass(frozen=True)
class Sheet:
    """One sheet: name, title, subtitle, headings with widths in characters, rows, and on request a row of totals."""

    name: str
    title: str
    subtitle: str
    columns: Sequence[tuple[Any, int]]
    rows: Iterable[Row]
    total: Row | None = None


def workbook(sheets: Iterable[Sheet]) -> bytes:
    """Return the sheets as a workbook."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        _fill(book.create_sheet(sheet.name), sheet)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _fill(target: Worksheet, sheet: Sheet) -> None:
    _set_up(target, sheet)
    _write(target, _HEADING_ROW, [title for title, _width in sheet.columns], _HEADING, _HEADING_FILL)
    last = _HEADING_ROW
    for last, row in enumerate(sheet.rows, start=_HEADING_ROW + 1):
        _write(target, last, row, _PLAIN)
    target.auto_filter.ref = f"A{_HEADING_ROW}:{get_column_letter(len(sheet.columns))}{last}"
    if sheet.total is not None:
        _write(target, last + 1, sheet.total, _BOLD)


def _set_up(target: Worksheet, sheet: Sheet) -> None:
    for number, text in ((_TITLE_ROW, sheet.title), (_SUBTITLE_ROW, sheet.subtitle)):
        target.cell(number, 1, safe_cell(text)).font = _BOLD if number == _TITLE_ROW else _PLAIN
        target.merge_cells(start_row=number, start_column=1, end_row=number, end_column=len(sheet.columns))
    target.cell(_TITLE_ROW, 1).fill = _TITLE_FILL
    for number, height in _HEIGHTS.items():
        target.row_dimensions[number].height = height
    for number, (_title, width) in enumerate(sheet.columns, start=1):
        target.column_dimensions[get_column_letter(number)].width = width
    target.freeze_panes = f"A{_HEADING_ROW + 1}"
    target.print_title_rows = f"{_HEADING_ROW}:{_HEADING_ROW}"
    target.page_setup.orientation, target.page_setup.paperSize = "landscape", target.PAPERSIZE_A4
    target.page_setup.fitToHeight = 0
    target.sheet_properties.pageSetUpPr.fitToPage = True


def _write(target: Worksheet, number: int, values: Row, font: Font, fill: PatternFill | None = None) -> None:
    for place, value in enumerate(values, start=1):
        cell = target.cell(number, place, safe_cell(value))
        cell.font, cell.border = font, _FRAME
        if fill:
            cell.fill, cell.alignment = fill, Alignment(horizontal="center", vertical="center", wrap_text=True)
        if isinstance(value, Decimal):
            cell.number_format = "0.0"
        elif isinstance(value, date):
            cell.number_format = "DD.MM.YYYY"


def comma_separated(rows: Iterable[Row]) -> bytes:
    """Return the rows as CSV: UTF-8 with a mark at the beginning, CRLF, decimal points, local times."""
    stream = StringIO(newline="")
    csv.writer(stream).writerows([_in_text(value) for value in row] for row in rows)
    return stream.getvalue().encode("utf-8-sig")


def _in_text(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    return f"{value:.1f}" if isinstance(value, Decimal) else safe_cell(value)


def csv_file(rows: Iterable[Row], *, name: str) -> HttpResponse:
    """Offer rows as a CSV file; the name may hold any letters."""
    return _offered(comma_separated(rows), name, "text/csv; charset=utf-8")


def xlsx_file(sheets: Iterable[Sheet], *, name: str) -> HttpResponse:
    """Offer sheets as a workbook; the name may hold any letters."""
    return _offered(workbook(sheets), name, XLSX)


def _offered(content: bytes, name: str, content_type: str) -> HttpResponse:
    disposition = content_disposition_header(True, name.replace(" ", "_"))
    headers = {"Content-Disposition": disposition, "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type=content_type, headers=headers)
