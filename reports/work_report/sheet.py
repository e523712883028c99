"""The sheet of a work report, cell by cell.

It is a form of the organisation on paper, so its words are Czech whatever language its reader has chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from medcover.common import czech
from medcover.common.spreadsheet import safe_cell
from reports.served import month_after
from reports.work_report.rules import Day

#: In characters.
WIDTHS = (6.86, 6.43, 9.43, 20.29, 22.43)
#: In points.
ROW_HEIGHT, SIGNED_ROW_HEIGHT = 15.75, 50.0
#: In inches.
_MARGINS = {"left": 1.168, "right": 0.748, "top": 0.984, "bottom": 0.984, "header": 0.0, "footer": 0.0}

_TITLE, _MONTH, _HEADINGS, _FIRST_DAY = 3, 8, 9, 10
#: Rows under the last day: where the worker signs, and where the superior.
_WORKER_AFTER, _SUPERIOR_AFTER = 5, 8

_LABELS = (
    (4, "Jméno pracovníka:"),
    (5, "Pracovní úvazek:"),
    (6, "pozice:"),
)
_CONTRACT, _POSITION = "DPP", "zdravotní dozory"

_PALE, _STRONG = PatternFill("solid", start_color="CCFFFF"), PatternFill("solid", start_color="99CCFF")
_WORKDAY, _HOLIDAY = PatternFill("solid", start_color="FFFFFF"), PatternFill("solid", start_color="FFFF00")
_PLAIN, _BOLD, _RED = (Font(name="Calibri", size=10, **more) for more in ({}, {"bold": True}, {"color": "FF0000"}))
_LEFT, _CENTRED = Alignment(horizontal="left"), Alignment(horizontal="center")
_CENTRED_IN_LINES = Alignment(horizontal="center", wrap_text=True)
_DAY_FORMAT = "DD.MM.YYYY"

_SATURDAY = 5

#: Borders of the five cells of a row, each left, right, top and bottom: medium, thin or none.
_BORDERS = {
    "title": ("m-mm", "--mm", "--mm", "--mm", "-mmm"),
    "label": ("m-tt", "--tt", "-ttt", "t-tt", "-mtt"),
    "spacer": ("m-t-", "--t-", "-tt-", "t-tt", "-mtt"),
    "month": ("mttm", "tttm", "tttm", "tttm", "tmtm"),
    "headings": ("mtmm", "ttm-", "ttmm", "t-mm", "-mmm"),
    "day": ("mttt", "tttt", "tttt", "t-tt", "-mtt"),
    "total": ("--mm", "--mm", "--mm", "--mm", "--mm"),
}
_SIDES = {"m": Side(style="medium"), "t": Side(style="thin"), "-": Side()}


@dataclass(frozen=True)
class Content:
    """What one report says: of whom, the month by its first day, its days, and which of them are public holidays."""

    name: str
    month: date
    days: Sequence[Day]
    holidays: frozenset[date]

    @property
    def total_row(self) -> int:
        """The row with the sum, right under the last day."""
        return _FIRST_DAY + len(self.days)

    @property
    def worker_row(self) -> int:
        """The row in which the worker signs."""
        return self.total_row - 1 + _WORKER_AFTER

    @property
    def last_row(self) -> int:
        """The row in which the superior signs."""
        return self.total_row - 1 + _SUPERIOR_AFTER


def write(sheet: Worksheet, content: Content) -> None:
    """Write the whole report onto an empty sheet."""
    sheet.title = czech.month(content.month.month)
    for row in sheet.iter_rows(1, content.last_row, 1, len(WIDTHS)):
        for cell in row:
            cell.font = _PLAIN
    _write_head(sheet, content)
    for number, day in enumerate(content.days, start=_FIRST_DAY):
        _write_day(sheet, number, day, is_holiday=day.day in content.holidays)
    _write_total(sheet, content.total_row)
    _write_signatures(sheet, content)
    _set_up_page(sheet, content)


def _write_head(sheet: Worksheet, content: Content) -> None:
    _row(sheet, _TITLE, "title", ["Výkaz práce / odpracovaných hodin"], merged="A:E")
    _style(sheet, f"A{_TITLE}", fill=_PALE, font=_BOLD, alignment=_CENTRED)
    for (number, label), value in zip(_LABELS, (content.name, _CONTRACT, _POSITION), strict=True):
        _row(sheet, number, "label", [label, None, None, value], merged="A:C D:E")
        _style(sheet, f"A{number}", fill=_PALE)
    _row(sheet, _MONTH - 1, "spacer", [], merged="D:E")
    named = ["Měsíc:", None, czech.month(content.month.month), "Rok:", content.month.year]
    _row(sheet, _MONTH, "month", named)
    _style(sheet, *[f"{column}{_MONTH}" for column in "ABD"], fill=_PALE)
    _style(sheet, *[f"{column}{_MONTH}" for column in "CE"], alignment=_LEFT)
    _row(sheet, _HEADINGS, "headings", ["Datum", "Den", "Počet hodin", "Popis činnosti"], merged="D:E")
    _style(sheet, *[f"{column}{_HEADINGS}" for column in "ABCD"], fill=_STRONG, font=_BOLD, alignment=_CENTRED)
    _style(sheet, f"C{_HEADINGS}", alignment=_CENTRED_IN_LINES)


def _write_day(sheet: Worksheet, number: int, day: Day, *, is_holiday: bool) -> None:
    weekday = czech.weekday_short(day.day).upper()
    values = [day.day.day, weekday, day.hours or None, ", ".join(day.events) or None]
    _row(sheet, number, "day", values, merged="D:E")
    _style(sheet, *[f"{column}{number}" for column in "ABC"], alignment=_CENTRED)
    _style(sheet, f"D{number}", alignment=_LEFT)
    _style(sheet, f"A{number}", fill=_HOLIDAY if is_holiday else _WORKDAY)
    if day.day.weekday() >= _SATURDAY:
        _style(sheet, f"B{number}", font=_RED)


def _write_total(sheet: Worksheet, number: int) -> None:
    _row(sheet, number, "total", ["Celkem hodin"], merged="D:E")
    sheet[f"C{number}"].value = f"=SUM(C{_FIRST_DAY}:C{number - 1})"
    _style(sheet, *[f"{column}{number}" for column in "ABCD"], font=_BOLD)
    _style(sheet, f"C{number}", alignment=_CENTRED)


def _write_signatures(sheet: Worksheet, content: Content) -> None:
    for number, label in ((content.worker_row, ""), (content.last_row, "nadřízeného ")):
        sheet[f"A{number}"].value = f"Datum a podpis {label}pracovníka:"
        _style(sheet, f"A{number}", font=_BOLD)
        sheet.row_dimensions[number].height = ROW_HEIGHT
    day = sheet[f"D{content.worker_row}"]
    day.value, day.number_format, day.alignment = _last_day(content.month), _DAY_FORMAT, _LEFT


def _last_day(month: date) -> date:
    return month_after(month) - timedelta(days=1)


def _row(sheet: Worksheet, number: int, kind: str, values: Sequence[Any], *, merged: str = "") -> None:
    """Write the values of a row from the left, its borders and height; text never becomes a formula."""
    for span in merged.split():
        first, last = span.split(":")
        sheet.merge_cells(f"{first}{number}:{last}{number}")
    for place, value in enumerate(values, start=1):
        if value is not None:
            sheet.cell(number, place, safe_cell(value))
    for place, sides in enumerate(_BORDERS[kind], start=1):
        sheet.cell(number, place).border = _border(sides)
    sheet.row_dimensions[number].height = ROW_HEIGHT


def _border(sides: str) -> Border:
    left, right, top, bottom = (_SIDES[side] for side in sides)
    return Border(left=left, right=right, top=top, bottom=bottom)


def _style(sheet: Worksheet, *cells: str, **styles: Any) -> None:
    for cell in cells:
        for name, style in styles.items():
            setattr(sheet[cell], name, style)


def _set_up_page(sheet: Worksheet, content: Content) -> None:
    """One upright page, whatever printer."""
    for place, width in enumerate(WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    for number in range(1, _TITLE):
        sheet.row_dimensions[number].height = ROW_HEIGHT
    for name, inches in _MARGINS.items():
        setattr(sheet.page_margins, name, inches)
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "portrait", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth = sheet.page_setup.fitToHeight = 1
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_area = f"A1:{get_column_letter(len(WIDTHS))}{content.last_row}"
