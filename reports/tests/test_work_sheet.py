"""The sheet against a reference, which is drawn here from the description of the form: by areas, not by rows."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image

from events.tests.factories import PRAGUE
from reports import work_report
from reports.served import ServedSpan
from reports.work_report.rules import days_of
from roster.signatures.pipeline import signature_png
from roster.tests.pictures import drawing, saved

NAME = "Dvořák Petr"
WEEKDAYS = ("PO", "ÚT", "ST", "ČT", "PÁ", "SO", "NE")

#: Months of every length, both changes of summer time, Easter, Christmas; each with its holidays.
MONTHS = {
    date(2027, 2, 1): (28, "Únor", set()),
    date(2028, 2, 1): (29, "Únor", set()),
    date(2027, 4, 1): (30, "Duben", set()),
    date(2027, 3, 1): (31, "Březen", {26, 29}),
    date(2027, 10, 1): (31, "Říjen", {28}),
    date(2027, 12, 1): (31, "Prosinec", {24, 25, 26}),
}


def spans(month: date) -> list[ServedSpan]:
    """Duties on several days, two of them on one; one begins on the last evening, and one is named like a formula."""
    last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return [
        _span("Koncert", month, 18, 516),
        _span("=1+1", month.replace(day=5), 8, 60),
        _span("Běh", month.replace(day=14), 7, 31),
        _span("Ples, velký", month.replace(day=14), 20, 601),
        _span("Silvestr", last, 23, 240),
    ]


def _span(event: str, day: date, hour: int, minutes: int) -> ServedSpan:
    return ServedSpan(event, datetime(day.year, day.month, day.day, hour, tzinfo=PRAGUE), timedelta(minutes=minutes))


#: What these say by the day of the month; "last" is 31, 30, …
EXPECTED = {1: (9, "Koncert"), 5: (1, "'=1+1"), 14: (11.5, "Běh, Ples, velký"), "last": (4, "Silvestr")}


def made(month: date, signature: bytes | None = None, name: str = NAME) -> bytes:
    return work_report.build(name, month, days_of(month, spans(month), PRAGUE), signature=signature)


# --- the reference -----------------------------------------------------------------------------------

THIN, MEDIUM, NONE = Side(style="thin"), Side(style="medium"), Side()


def reference(month: date) -> Workbook:
    count, name, holidays = MONTHS[month]
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = name
    bottom = 17 + count
    for cell in area(sheet, f"A1:E{bottom}"):
        cell.font = Font(name="Calibri", size=10)
    head(sheet, month, name)
    for number in range(1, count + 1):
        day(sheet, month.replace(day=number), last=number == count, is_holiday=number in holidays)
    feet(sheet, month, count)
    page(sheet, bottom)
    return book


def head(sheet: Worksheet, month: date, name: str) -> None:
    sheet["A3"] = "Výkaz práce / odpracovaných hodin"
    sheet["A4"], sheet["D4"] = "Jméno pracovníka:", NAME
    sheet["A5"], sheet["D5"] = "Pracovní úvazek:", "DPP"
    sheet["A6"], sheet["D6"] = "pozice:", "zdravotní dozory"
    sheet["A8"], sheet["C8"], sheet["D8"], sheet["E8"] = "Měsíc:", name, "Rok:", month.year
    sheet["A9"], sheet["B9"], sheet["C9"], sheet["D9"] = "Datum", "Den", "Počet hodin", "Popis činnosti"
    filled(sheet, "CCFFFF", "A3", "A4", "A5", "A6", "A8", "B8", "D8")
    filled(sheet, "99CCFF", "A9", "B9", "C9", "D9")
    bold(sheet, "A3", "A9", "B9", "C9", "D9")
    aligned(sheet, "center", "A3", "A9", "B9", "C9", "D9")
    aligned(sheet, "left", "C8", "E8")
    sheet["C9"].alignment = Alignment(horizontal="center", wrap_text=True)
    lines(sheet, "A3:E3", top=MEDIUM, bottom=MEDIUM)
    lines(sheet, "A4:E6", top=THIN, bottom=THIN)
    lines(sheet, "A7:E7", top=THIN)
    lines(sheet, "D7:E7", bottom=THIN)
    lines(sheet, "A8:E8", left=THIN, right=THIN, top=THIN, bottom=MEDIUM)
    lines(sheet, "A9:E9", top=MEDIUM, bottom=MEDIUM)
    lines(sheet, "B9:B9", bottom=NONE)
    lines(sheet, "A9:C9", right=THIN)
    lines(sheet, "B9:D9", left=THIN)
    lines(sheet, "C4:C7", right=THIN)
    lines(sheet, "D4:D7", left=THIN)
    lines(sheet, "A3:A9", left=MEDIUM)
    lines(sheet, "E3:E9", right=MEDIUM)


def day(sheet: Worksheet, of: date, *, last: bool, is_holiday: bool) -> None:
    row = 9 + of.day
    hours, events = EXPECTED.get(of.day, EXPECTED["last"] if last else (None, None))
    sheet[f"A{row}"], sheet[f"B{row}"] = of.day, WEEKDAYS[of.weekday()]
    sheet[f"C{row}"], sheet[f"D{row}"] = hours, events
    aligned(sheet, "center", f"A{row}", f"B{row}", f"C{row}")
    aligned(sheet, "left", f"D{row}")
    filled(sheet, "FFFF00" if is_holiday else "FFFFFF", f"A{row}")
    if of.weekday() in (5, 6):
        sheet[f"B{row}"].font = Font(name="Calibri", size=10, color="FF0000")
    lines(sheet, f"A{row}:E{row}", left=THIN, right=THIN, top=THIN, bottom=THIN)
    lines(sheet, f"D{row}:D{row}", right=NONE)
    lines(sheet, f"A{row}:A{row}", left=MEDIUM)
    lines(sheet, f"E{row}:E{row}", left=NONE, right=MEDIUM)


def feet(sheet: Worksheet, month: date, count: int) -> None:
    total, worker, superior = 10 + count, 14 + count, 17 + count
    sheet[f"A{total}"], sheet[f"C{total}"] = "Celkem hodin", f"=SUM(C10:C{9 + count})"
    bold(sheet, f"A{total}", f"C{total}", f"D{total}", f"B{total}")
    aligned(sheet, "center", f"C{total}")
    lines(sheet, f"A{total}:E{total}", top=MEDIUM, bottom=MEDIUM)
    sheet[f"A{worker}"] = "Datum a podpis pracovníka:"
    sheet[f"A{superior}"] = "Datum a podpis nadřízeného pracovníka:"
    bold(sheet, f"A{worker}", f"A{superior}")
    sheet[f"D{worker}"] = month.replace(day=count)
    sheet[f"D{worker}"].number_format = "DD.MM.YYYY"
    aligned(sheet, "left", f"D{worker}")


def page(sheet: Worksheet, bottom: int) -> None:
    for column, width in zip("ABCDE", (6.86, 6.43, 9.43, 20.29, 22.43), strict=True):
        sheet.column_dimensions[column].width = width
    total = bottom - 7
    for row in [*range(1, total + 1), bottom - 3, bottom]:
        sheet.row_dimensions[row].height = 15.75
    for span in ["A3:E3", "D7:E7"]:
        sheet.merge_cells(span)
    for row in (4, 5, 6):
        sheet.merge_cells(f"A{row}:C{row}")
        sheet.merge_cells(f"D{row}:E{row}")
    for row in range(9, total + 1):
        sheet.merge_cells(f"D{row}:E{row}")
    margins = sheet.page_margins
    margins.left, margins.right, margins.top, margins.bottom = 1.168, 0.748, 0.984, 0.984
    margins.header = margins.footer = 0
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "portrait", 9
    sheet.page_setup.fitToWidth = sheet.page_setup.fitToHeight = 1
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_area = f"A1:E{bottom}"


def area(sheet: Worksheet, span: str):
    return [cell for row in sheet[span] for cell in row]


def lines(sheet: Worksheet, span: str, **sides: Side) -> None:
    for cell in area(sheet, span):
        known = {name: getattr(cell.border, name) for name in ("left", "right", "top", "bottom")}
        cell.border = Border(**{**known, **sides})


def filled(sheet: Worksheet, colour: str, *cells: str) -> None:
    for cell in cells:
        sheet[cell].fill = PatternFill("solid", start_color=colour)


def bold(sheet: Worksheet, *cells: str) -> None:
    for cell in cells:
        sheet[cell].font = Font(name="Calibri", size=10, bold=True)


def aligned(sheet: Worksheet, where: str, *cells: str) -> None:
    for cell in cells:
        sheet[cell].alignment = Alignment(horizontal=where)


# --- the comparison ----------------------------------------------------------------------------------


@pytest.fixture
def opened(monkeypatch):
    """Opening a file with the borders of merged cells as the file has them; the library would reckon them anew."""
    monkeypatch.setattr(Worksheet, "_clean_merge_range", lambda _sheet, _range: None)
    return lambda content: load_workbook(BytesIO(content))


@pytest.fixture
def drawn(monkeypatch):
    monkeypatch.setattr(Worksheet, "_clean_merge_range", lambda _sheet, _range: None)

    def draw(month: date) -> Workbook:
        stream = BytesIO()
        reference(month).save(stream)
        return load_workbook(stream)

    return draw


def told(cell) -> dict[str, object]:
    """Everything about a cell."""
    border = {name: getattr(cell.border, name).style for name in ("left", "right", "top", "bottom")}
    font = (cell.font.name, cell.font.size, cell.font.bold, cell.font.color and cell.font.color.value)
    fill = cell.fill.fill_type and cell.fill.start_color.value
    place = (cell.alignment.horizontal, cell.alignment.vertical, bool(cell.alignment.wrap_text))
    return {"value": cell.value, "type": cell.data_type, "format": cell.number_format, "font": font, "fill": fill,
            "place": place, **border}  # fmt: skip


def cells(sheet: Worksheet) -> dict[str, dict[str, object]]:
    return {cell.coordinate: told(cell) for row in sheet.iter_rows() for cell in row}


def paper(sheet: Worksheet) -> dict[str, object]:
    """Everything about the sheet that is not in its cells."""
    margins = {
        name: getattr(sheet.page_margins, name) for name in ("left", "right", "top", "bottom", "header", "footer")
    }
    setup = {
        name: getattr(sheet.page_setup, name) for name in ("orientation", "paperSize", "fitToWidth", "fitToHeight")
    }
    return {
        "title": sheet.title,
        "size": sheet.dimensions,
        "merged": sorted(map(str, sheet.merged_cells.ranges)),
        "widths": {name: column.width for name, column in sheet.column_dimensions.items()},
        "heights": {number: row.height for number, row in sheet.row_dimensions.items() if row.height},
        "print area": sheet.print_area,
        "fits": sheet.sheet_properties.pageSetUpPr.fitToPage,
        **margins,
        **setup,
    }


@pytest.fixture(scope="module")
def signature() -> bytes:
    return signature_png(saved(drawing(), "PNG"))


@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
@pytest.mark.parametrize("month", MONTHS, ids=lambda month: f"{month:%Y-%m}")
def test_every_cell_is_like_the_reference(month, signed, signature, opened, drawn):
    book, wanted = opened(made(month, signature if signed else None)), drawn(month)
    assert book.sheetnames == wanted.sheetnames
    sheet, model = book.worksheets[0], wanted.worksheets[0]
    if signed:
        model.row_dimensions[14 + MONTHS[month][0]].height = 50
    assert paper(sheet) == paper(model)
    assert cells(sheet) == cells(model)
    assert len(sheet._images) == signed


class TestSignature:
    @pytest.mark.parametrize("size", [(900, 300), (300, 300), (1600, 200), (200, 600)])
    def test_stands_on_the_line_and_ends_beyond_the_last_column(self, size, opened):
        png = saved(Image.new("RGB", size, "white"), "PNG")
        sheet = opened(made(date(2027, 2, 1), png)).worksheets[0]
        anchor = sheet._images[0].anchor
        # Columns in pixels by the rule round(7 w + 5), a pixel is 9525 units, 0.3 cm are 108 000.
        columns = [pixels * 9525 for pixels in (53, 50, 71, 147, 162)]
        left = sum(columns[: anchor._from.col]) + anchor._from.colOff
        assert anchor.ext.height == 60 * 9525
        assert anchor.ext.width == round(size[0] * 60 / size[1]) * 9525
        assert left + anchor.ext.width == sum(columns) + 108_000
        assert 0 <= anchor._from.colOff < columns[anchor._from.col]
        # Row 42 is 50 points high, which are 635 000 units.
        assert anchor._from.row == 42 - 1
        assert anchor._from.rowOff + anchor.ext.height == 635_000

    def test_is_the_picture_itself(self, signature):
        with ZipFile(BytesIO(made(date(2027, 2, 1), signature))) as archive:
            assert archive.read("xl/media/image1.png") == signature


class TestFile:
    def test_is_the_same_each_time(self, signature):
        month = date(2027, 5, 1)
        assert work_report.build(NAME, month, days_of(month, [], PRAGUE), signature=signature) == work_report.build(
            NAME, month, days_of(month, [], PRAGUE), signature=signature
        )

    def test_tells_nothing_of_its_maker(self):
        found = load_workbook(BytesIO(made(date(2027, 2, 1)))).properties
        assert (found.creator, found.lastModifiedBy, found.created.date()) == ("MedCover", None, date(2027, 2, 1))

    @pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+420", "-1", "@SUM(A1)", "\tx", "a\x0bb"])
    def test_a_name_never_becomes_a_formula(self, name):
        cell = load_workbook(BytesIO(made(date(2027, 2, 1), name=name))).worksheets[0]["D4"]
        assert cell.data_type == "s"
        assert not cell.value.startswith(("=", "+", "-", "@", "\t"))

    def test_bears_more_events_on_a_day_than_a_cell_holds(self):
        month = date(2027, 2, 1)
        many = [_span("Ž" * 255, month, 8, 60)] * 200
        content = work_report.build(NAME, month, days_of(month, many, PRAGUE))
        sheet = load_workbook(BytesIO(content)).worksheets[0]
        assert sheet["C10"].value == 200
        assert len(sheet["D10"].value) == 32_767

    @pytest.mark.parametrize(
        ("name", "offered"),
        [
            (NAME, "výkaz práce 2027-05 Dvořák Petr.xlsx"),
            ('a/b\\c:"d"', "výkaz práce 2027-05 a_b_c__d_.xlsx"),
            ("a\r\nX-Evil: 1", "výkaz práce 2027-05 a__X-Evil_ 1.xlsx"),
        ],
    )
    def test_is_named_by_month_and_person(self, name, offered):
        assert work_report.file_name(name, date(2027, 5, 1)) == offered
