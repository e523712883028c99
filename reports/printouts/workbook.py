"""A printout as a file in the format of spreadsheet programs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from events.models import Event
from medcover.common.spreadsheet import safe_cell
from reports.printouts.sheets import Sheet, sheets

#: A printout of more is a mistake more often than a wish, and would keep everybody else waiting.
MOST_EVENTS = 1000

#: Title, subtitle, the headings.
_HEADING_ROW = 3
_DAY_FORMAT = "dd.mm.yyyy"
_THIN = Side(style="thin", color="999999")
_FRAME = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEADING_FILL = PatternFill("solid", start_color="E9ECEF")


def build(events: Sequence[Event], *, subtitle: str) -> bytes:
    """Return the workbook of the events, in their order; `subtitle` says what they are."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets(events):
        _write(book.create_sheet(sheet.title), sheet, subtitle)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def problem(events: Sequence[Event]) -> str:
    """Return why these events make no printout, or nothing."""
    if not events:
        return _("No events matched the filters; drafts and archived events cannot be printed.")
    if len(events) > MOST_EVENTS:
        return _("There are too many events for one printout; choose fewer.")
    return ""


def subtitle(first: date | None, last: date | None, master: Any) -> str:
    """Return the subtitle of a printout over days, of a master event, or both; an open end is written as "…"."""
    days = {"first": _day(first), "last": _day(last)}
    parts = [_("Period: %(first)s – %(last)s") % days] if first or last else []
    return "  |  ".join([*parts, _("Master event: %s") % master] if master else parts)


def _day(day: date | None) -> str:
    return f"{day:%d.%m.%Y}" if day else "…"


def file_name(at: datetime) -> str:
    """Return the name under which the file is offered."""
    return f"medcover-akce-{at:%Y-%m-%d}.xlsx"


def _write(target: Worksheet, sheet: Sheet, subtitle: str) -> None:
    target["A1"], target["A2"] = _("Sheet for printing — %s") % sheet.title, safe_cell(subtitle)
    target["A1"].font = Font(bold=True, size=14)
    _write_row(target, _HEADING_ROW, [str(column.title) for column in sheet.columns], heading=True)
    for number, values in enumerate(sheet.rows, start=_HEADING_ROW + 1):
        _write_row(target, number, values)
        if sheet.row_height:
            target.row_dimensions[number].height = sheet.row_height
    for number, column in enumerate(sheet.columns, start=1):
        target.column_dimensions[get_column_letter(number)].width = column.width
    _set_up_page(target)


def _write_row(target: Worksheet, number: int, values: Sequence[Any], *, heading: bool = False) -> None:
    for place, value in enumerate(values, start=1):
        cell = target.cell(number, place, safe_cell(value))
        cell.border = _FRAME
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        if isinstance(value, date):
            cell.number_format = _DAY_FORMAT
        if heading:
            cell.font, cell.fill = Font(bold=True), _HEADING_FILL


def _set_up_page(target: Worksheet) -> None:
    """Landscape, as wide as a page, the headings on every page."""
    target.freeze_panes = f"A{_HEADING_ROW + 1}"
    target.print_title_rows = f"{_HEADING_ROW}:{_HEADING_ROW}"
    target.page_setup.orientation = "landscape"
    target.page_setup.paperSize = target.PAPERSIZE_A4
    target.page_setup.fitToHeight = 0
    target.sheet_properties.pageSetUpPr.fitToPage = True
