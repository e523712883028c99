"""Files that are not what they should be: refused with a sentence, never with another error."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import psutil
import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from events.importing import workbook
from events.importing.doubts import ImportRefused
from events.importing.records import Season
from events.importing.sheet import read_season
from events.importing.workbook import Unfit, UnfitWorkbook

SAMPLE = Path(__file__).parents[2] / "fixtures" / "season-sample.xlsx"


def repacked(changes: dict[str, bytes]) -> BytesIO:
    """The sample with some of its parts replaced or added."""
    file = BytesIO()
    with zipfile.ZipFile(SAMPLE) as source, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        parts = {name: source.read(name) for name in source.namelist()}
        for name, content in (parts | changes).items():
            target.writestr(name, content)
    file.seek(0)
    return file


def part(name: str) -> bytes:
    with zipfile.ZipFile(SAMPLE) as source:
        return source.read(name)


@pytest.mark.parametrize("content", [b"", b"name;date\n", b"PK\x03\x04 not really", b"\xd0\xcf\x11\xe0" + bytes(600)])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(ImportRefused):
        read_season(BytesIO(content))


def test_the_old_format_and_a_password_are_named() -> None:
    with pytest.raises(ImportRefused) as refused:
        read_season(BytesIO(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)))
    with translation.override("en"):
        assert "password" in str(refused.value)


@pytest.mark.parametrize(
    "parts",
    [
        {"xl/vbaProject.bin": b"\0\1\2"},
        {"XL/VBAPROJECT.BIN": b"\0\1\2"},
        {
            "[Content_Types].xml": part("[Content_Types].xml").replace(
                b"openxmlformats-officedocument.spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main"
            )
        },
    ],
    ids=["file", "in capitals", "declared"],
)
def test_macros_are_named(parts: dict[str, bytes]) -> None:
    with pytest.raises(ImportRefused) as refused:
        read_season(repacked(parts))
    with translation.override("en"):
        assert "macros" in str(refused.value)


def test_a_missing_file_or_a_folder_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere.xlsx"):
        with pytest.raises(ImportRefused):
            read_season(path)


def test_a_workbook_without_the_sheet_is_refused() -> None:
    file = BytesIO()
    Workbook().save(file)
    file.seek(0)
    with pytest.raises(ImportRefused, match="Dozory"):
        read_season(file)


def test_a_part_packed_in_another_way_is_refused() -> None:
    file = BytesIO(SAMPLE.read_bytes())
    with zipfile.ZipFile(file, "a", zipfile.ZIP_LZMA) as archive:
        archive.writestr("xl/extra.xml", b"<a/>")
    file.seek(0)
    with pytest.raises(ImportRefused):
        read_season(file)


def test_a_formula_that_cannot_be_taken_apart_is_refused() -> None:
    content = part("xl/worksheets/sheet1.xml")
    shared = b'<f t="shared" si="0" ref="A4:A5">"</f>', b'<f t="shared" si="0"/>'
    for place, formula in zip((b'r="C4"', b'r="C5"'), shared, strict=True):
        head, tail = content.split(b"<c " + place, 1)
        content = head + b"<c " + place + b">" + formula + b"<v>1</v></c>" + tail.split(b"</c>", 1)[1]
    with pytest.raises(ImportRefused):
        read_season(repacked({"xl/worksheets/sheet1.xml": content}))


def test_a_large_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_BYTES", 1000)
    with pytest.raises(ImportRefused):
        read_season(SAMPLE)


def test_a_file_that_unpacks_to_too_much_is_refused() -> None:
    with pytest.raises(ImportRefused):
        read_season(repacked({"xl/media/zeros.bin": bytes(workbook.MAX_UNPACKED_BYTES)}))


def test_a_file_of_too_many_parts_is_refused() -> None:
    with pytest.raises(ImportRefused):
        read_season(repacked({f"xl/media/{n}": b"" for n in range(workbook.MAX_PARTS)}))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused(encoding: str) -> None:
    bomb = '<!DOCTYPE sst [<!ENTITY a "aaaa">]><sst>&a;</sst>'
    with pytest.raises(ImportRefused):
        read_season(repacked({"xl/sharedStrings.xml": bomb.encode(encoding)}))


class TestFarDown:
    """People colour whole columns: what counts is what is there."""

    def moved(self, number: bytes, old: bytes = b'<row r="16"') -> BytesIO:
        sheet_xml = part("xl/worksheets/sheet1.xml").replace(old, b'<row r="' + number + b'"')
        return repacked({"xl/worksheets/sheet1.xml": sheet_xml})

    @pytest.mark.parametrize("number", [b"5001", b"60000"])
    def test_a_row_is_read_wherever_it_stands(self, number: bytes) -> None:
        assert len(read_season(self.moved(number)).events) == len(read_season(SAMPLE).events)

    @pytest.mark.parametrize(
        "cell", [b'<c r="A1048576" s="1"/>', b'<c r="A1048576" t="inlineStr"><is><t> </t></is></c>']
    )
    def test_formats_and_blanks_do_not_count(self, cell: bytes) -> None:
        content = part("xl/worksheets/sheet1.xml")
        more = content.replace(b"</sheetData>", b'<row r="1048576">' + cell + b"</row></sheetData>")
        assert more != content
        assert read_season(repacked({"xl/worksheets/sheet1.xml": more})) == read_season(SAMPLE)

    def test_too_many_rows_that_hold_something_are_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(workbook, "MAX_ROWS", 10)
        with pytest.raises(UnfitWorkbook) as refused:
            read_season(SAMPLE)
        assert refused.value.reason is Unfit.TOO_MANY_ROWS


MEGA = 1024 * 1024


def sheet_of(rows: bytes) -> dict[str, bytes]:
    head, tail = part("xl/worksheets/sheet1.xml").split(b"<sheetData>", 1)
    return {"xl/worksheets/sheet1.xml": head + b"<sheetData>" + rows + b"</sheetData>" + tail.split(b"</sheetData>")[1]}


#: Small files that hold more than a machine bears, each in its own way.
BOMBS: dict[str, dict[str, bytes]] = {
    "millions of empty strings": {"xl/sharedStrings.xml": b"<sst>" + b"<si/>" * 1_900_000 + b"</sst>"},
    "elements in elements": {"xl/sharedStrings.xml": b"<sst>" + b"<si>" * 600_000 + b"</si>" * 600_000 + b"</sst>"},
    "elements in elements of the sheet": sheet_of(b"<row>" * 450_000 + b"</row>" * 450_000),
    "millions of styles": {
        "xl/styles.xml": b"<styleSheet><cellXfs>" + b"<xf/>" * 1_500_000 + b"</cellXfs></styleSheet>"
    },
    "millions of merged cells": {
        **sheet_of(b""),
        "xl/worksheets/sheet2.xml": b"<worksheet>" + b'<mergeCell ref="A1:XFD9"/>' * 350_000 + b"</worksheet>",
    },
    "millions of cells in a row": sheet_of(b'<row r="1">' + b"<c><v>1</v></c>" * 240_000 + b"</row>"),
    "a row without end": sheet_of(b'<row r="99999999999999"><c r="A99999999999999"><v>1</v></c></row>'),
    "a column far out": sheet_of(
        b"".join(b'<row r="%d"><c r="ZZZ%d"><v>1</v></c></row>' % (n, n) for n in range(1, 20000))
    ),
    "an endless text": {"xl/sharedStrings.xml": b"<sst><si><t>" + b"a" * (9 * MEGA) + b"</t></si></sst>"},
    "thousands of sheets": {f"xl/worksheets/sheet{n}.xml": b"<worksheet/>" for n in range(2, 480)},
    "an entity": {"xl/sharedStrings.xml": b'<!DOCTYPE a [<!ENTITY b "b">]><sst>&b;</sst>'},
}


@pytest.mark.usefixtures("workbooks_read_apart")
class TestBombs:
    @pytest.mark.parametrize("name", BOMBS)
    def test_of_every_sort_end_in_their_process(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Within the limits, whose signals nobody can overhear: refused, or read after all."""
        monkeypatch.setattr(workbook, "SECONDS", 2)
        file = repacked(BOMBS[name])
        assert len(file.getvalue()) < MEGA
        with suppress(ImportRefused):
            read_season(file)
        assert read_season(SAMPLE).events

    @pytest.mark.parametrize(("limit", "value"), [("SECONDS", 1), ("PATIENCE", 0.05)])
    def test_every_limit_is_told_in_the_same_words(
        self, limit: str, value: float, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(workbook, limit, value)
        with pytest.raises(UnfitWorkbook) as refused:
            read_season(repacked(BOMBS["a row without end"]))
        assert refused.value.reason is Unfit.TOO_MUCH
        assert "Suspected bomb" in caplog.text

    def test_the_web_process_hardly_grows(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(workbook, "SECONDS", 3)
        before = psutil.Process().memory_info().rss
        for name in ("millions of empty strings", "a column far out"):
            with suppress(ImportRefused):
                read_season(repacked(BOMBS[name]))
        assert psutil.Process().memory_info().rss - before < 60 * MEGA

    def test_what_is_read_apart_is_what_would_be_read_here(self) -> None:
        data = SAMPLE.read_bytes()
        titles = ("Dozory", "Kontakty")
        assert workbook.read_sheets(SAMPLE, titles) == workbook.parse_sheets(data, titles)


def test_what_the_sheet_says_about_its_size_is_not_believed() -> None:
    sheet_xml = part("xl/worksheets/sheet1.xml")
    lying = sheet_xml.replace(b'ref="A1:R16"', b'ref="A1:XFD1048576"')
    assert lying != sheet_xml
    assert read_season(repacked({"xl/worksheets/sheet1.xml": lying})) == read_season(SAMPLE)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(["xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml", "xl/styles.xml", "xl/workbook.xml"]),
    st.floats(0, 1, exclude_max=True),
    st.binary(max_size=6) | st.sampled_from([b"9" * 400, b"-1", b"</row>", b"&#0;", b'"', b"NaN", b"1E999"]),
)
def test_a_damaged_file_is_read_or_refused(name: str, place: float, scratch: bytes) -> None:
    content = part(name)
    at = int(place * len(content))
    try:
        season = read_season(repacked({name: content[:at] + scratch + content[at + len(scratch) :]}))
    except ImportRefused:
        return
    assert isinstance(season, Season)
