"""Files that are not what they should be: refused with a sentence, never with another error."""

from __future__ import annotations

import struct
import tracemalloc
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from events.season.reading.records import DoubtKind, Season
from events.season.reading.sheet import read_season
from medcover.common import limited_process
from medcover.common import untrusted_workbook as workbook
from medcover.common.errors import UnreadableSource
from medcover.common.untrusted_workbook import Unfit, UnfitWorkbook

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
    with pytest.raises(UnreadableSource):
        read_season(BytesIO(content))


def test_the_old_format_and_a_password_are_named() -> None:
    with pytest.raises(UnreadableSource) as refused:
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
    with pytest.raises(UnreadableSource) as refused:
        read_season(repacked(parts))
    with translation.override("en"):
        assert "macros" in str(refused.value)


def test_a_missing_file_or_a_folder_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere.xlsx"):
        with pytest.raises(UnreadableSource):
            read_season(path)


def test_a_workbook_without_the_sheet_is_refused() -> None:
    file = BytesIO()
    Workbook().save(file)
    file.seek(0)
    with pytest.raises(UnreadableSource, match="Dozory"):
        read_season(file)


def test_a_part_packed_in_another_way_is_refused() -> None:
    file = BytesIO(SAMPLE.read_bytes())
    with zipfile.ZipFile(file, "a", zipfile.ZIP_LZMA) as archive:
        archive.writestr("xl/extra.xml", b"<a/>")
    file.seek(0)
    with pytest.raises(UnreadableSource):
        read_season(file)


def test_a_formula_that_cannot_be_taken_apart_is_refused() -> None:
    content = part("xl/worksheets/sheet1.xml")
    shared = b'<f t="shared" si="0" ref="A4:A5">"</f>', b'<f t="shared" si="0"/>'
    for place, formula in zip((b'r="C4"', b'r="C5"'), shared, strict=True):
        head, tail = content.split(b"<c " + place, 1)
        content = head + b"<c " + place + b">" + formula + b"<v>1</v></c>" + tail.split(b"</c>", 1)[1]
    with pytest.raises(UnreadableSource):
        read_season(repacked({"xl/worksheets/sheet1.xml": content}))


def test_a_large_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_BYTES", 1000)
    with pytest.raises(UnreadableSource):
        read_season(SAMPLE)


def test_a_file_that_unpacks_to_too_much_is_refused() -> None:
    with pytest.raises(UnreadableSource):
        read_season(repacked({"xl/media/zeros.bin": bytes(workbook.MAX_UNPACKED_BYTES)}))


def test_a_file_of_too_many_parts_is_refused() -> None:
    with pytest.raises(UnreadableSource):
        read_season(repacked({f"xl/media/{n}": b"" for n in range(workbook.MAX_PARTS)}))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused(encoding: str) -> None:
    bomb = '<!DOCTYPE sst [<!ENTITY a "aaaa">]><sst>&a;</sst>'
    with pytest.raises(UnreadableSource):
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

    def test_a_cell_in_the_last_row_makes_no_remark_for_each_row_above_it(self) -> None:
        season = read_season(self.moved(b"1048576"))
        assert season.events[-1].row == 1_048_576
        assert [(doubt.row, doubt.value) for doubt in season.skipped if doubt.kind is DoubtKind.BLANK_ROWS] == [
            (16, "16–1048575")
        ]

    def test_each_row_of_a_short_gap_is_remarked(self) -> None:
        skipped = read_season(self.moved(b"20")).skipped
        assert {16, 17, 18, 19} <= {doubt.row for doubt in skipped if doubt.kind is DoubtKind.BLANK_ROW}

    def test_too_many_rows_that_hold_something_are_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(workbook, "MAX_ROWS", 10)
        with pytest.raises(UnfitWorkbook) as refused:
            read_season(SAMPLE)
        assert refused.value.reason is Unfit.TOO_MANY_ROWS


MEGA = 1024 * 1024


def sheet_of(rows: bytes) -> dict[str, bytes]:
    head, tail = part("xl/worksheets/sheet1.xml").split(b"<sheetData>", 1)
    return {"xl/worksheets/sheet1.xml": head + b"<sheetData>" + rows + b"</sheetData>" + tail.split(b"</sheetData>")[1]}


def strings_of(inside: bytes) -> dict[str, bytes]:
    return {"xl/sharedStrings.xml": b'<sst xmlns="' + NAMESPACE + b'">' + inside + b"</sst>"}


def book_of(names: bytes) -> dict[str, bytes]:
    book = part("xl/workbook.xml").replace(b"</sheets>", b"</sheets>" + names, 1)
    assert names in book
    return {"xl/workbook.xml": book}


def row_of(number: int, cells: bytes) -> bytes:
    return b'<row r="%d">' % number + cells + b"</row>"


NAMESPACE = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
MANY = 300_000
TEXT = b'<c t="s"><v>0</v></c>'

#: Small files that hold more than a machine bears, each in its own way.
BOMBS: dict[str, dict[str, bytes]] = {
    "millions of empty strings": strings_of(b"<si/>" * 1_900_000),
    "strings in strings": strings_of(b"<si>" * 1000 + b"</si>" * 1000),
    "rows in rows": sheet_of(b"<row>" * 1000 + b"</row>" * 1000),
    "names in names": book_of(b"<definedNames>" * 1000 + b"</definedNames>" * 1000),
    "elements in elements in UTF-16": {"xl/extra.xml": ("<a>" * 1000 + "</a>" * 1000).encode("utf-16")},
    "many styles": {"xl/styles.xml": b"<styleSheet><cellXfs>" + b"<xf></xf>" * MANY + b"</cellXfs></styleSheet>"},
    "many merged cells": {
        "xl/worksheets/sheet2.xml": b"<worksheet>" + b"<mergeCell></mergeCell>" * MANY + b"</worksheet>"
    },
    "many cells in a row": sheet_of(row_of(1, b"<c><v>1</v></c>" * MANY)),
    "many defined names": book_of(b"<definedNames>" + b"<definedName>A</definedName>" * MANY),
    "many links to other files": {
        f"xl/externalLinks/externalLink{n}.xml": b"<externalLink>" + b"<externalBook/>" * 2000 for n in range(300)
    },
    "a row that no workbook has": sheet_of(row_of(99999999999999, b'<c r="A99999999999999"><v>1</v></c>')),
    "one text in many cells": strings_of(b"<si><t>" + b"a" * 60_000 + b"</t></si>")
    | sheet_of(b"".join(row_of(number, TEXT * 90) for number in range(3, 100))),
}

#: What looks dangerous and is not: it is read like the sample itself.
HARMLESS: dict[str, dict[str, bytes]] = {
    "hundreds of sheets": {f"xl/worksheets/sheet{n}.xml": b"<worksheet/>" for n in range(3, 480)},
    "links to other files": {
        f"xl/externalLinks/externalLink{n}.xml": b'<externalLink><externalBook r:id="x"/></externalLink>'
        for n in range(100)
    },
    "defined names": book_of(b'<definedNames><definedName name="x">Dozory!$A$1</definedName></definedNames>'),
}


def lying(announced: int, real: int) -> BytesIO:
    """The sample with a part that announces another size than it has."""
    file = repacked({"xl/extra.xml": bytes(real)})
    data = bytearray(file.getvalue())
    entry = data.rfind(b"xl/extra.xml") - 46  # of the table of contents
    assert data[entry : entry + 4] == b"PK\1\2"
    struct.pack_into("<L", data, entry + 24, announced)
    return BytesIO(bytes(data))


def locked() -> BytesIO:
    """The sample with every part marked as encrypted."""
    data = bytearray(SAMPLE.read_bytes())
    for mark, flags in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        at = data.find(mark)
        while at >= 0:
            data[at + flags] |= 1
            at = data.find(mark, at + 4)
    return BytesIO(bytes(data))


class TestBombs:
    @pytest.mark.parametrize("name", BOMBS)
    def test_of_every_sort_are_counted_and_refused(self, name: str) -> None:
        file = repacked(BOMBS[name])
        assert len(file.getvalue()) < MEGA
        with pytest.raises(UnfitWorkbook) as refused:
            read_season(file)
        assert refused.value.reason is Unfit.TOO_MUCH
        with translation.override("en"):
            assert "more than can be read" in str(refused.value)

    @pytest.mark.parametrize("name", HARMLESS)
    def test_what_only_looks_like_one_is_read(self, name: str) -> None:
        assert read_season(repacked(HARMLESS[name])).events == read_season(SAMPLE).events

    @pytest.mark.parametrize("announced", [10, MEGA])
    def test_a_size_that_is_not_true_is_refused_before_it_is_unpacked(self, announced: int) -> None:
        file = lying(announced, 50 * MEGA)
        tracemalloc.start()
        with pytest.raises(UnfitWorkbook) as refused:
            read_season(file)
        assert tracemalloc.get_traced_memory()[1] < 10 * MEGA
        tracemalloc.stop()
        assert refused.value.reason is Unfit.UNREADABLE

    @pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
    def test_a_file_that_ends_too_early_is_refused(self, kept: float) -> None:
        data = SAMPLE.read_bytes()
        with pytest.raises(UnfitWorkbook) as refused:
            read_season(BytesIO(data[: int(len(data) * kept)]))
        assert refused.value.reason is Unfit.UNREADABLE

    def test_locked_parts_are_named(self) -> None:
        with pytest.raises(UnfitWorkbook) as refused:
            read_season(locked())
        assert refused.value.reason is Unfit.OLD_OR_LOCKED


@pytest.mark.usefixtures("workbooks_read_apart")
class TestTheProcess:
    """What cannot be counted beforehand ends with the time and the memory of a process."""

    #: So that each limit is met within moments.
    SCARCE = ({"SECONDS": 1}, {"PATIENCE": 0.05}, {"MEMORY": 100 * MEGA})

    @pytest.mark.parametrize("scarce", SCARCE, ids=lambda scarce: next(iter(scarce)).lower())
    def test_every_limit_is_told_in_the_same_words(
        self, scarce: dict[str, float], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        for limit, value in scarce.items():
            monkeypatch.setattr(workbook, limit, value)
        far_out = (row_of(number, b'<c r="ZZZ%d"><v>1</v></c>' % number) for number in range(1, 40_000))
        long = strings_of(b"<si><t>" + "😀".encode() + b"a" * (8 * MEGA) + b"</t></si>")
        with pytest.raises(UnfitWorkbook) as refused:
            read_season(repacked(sheet_of(b"".join(far_out)) | long))
        assert refused.value.reason is Unfit.TOO_MUCH
        assert "Suspected bomb" in caplog.text

    @pytest.mark.parametrize("name", ["millions of empty strings", "one text in many cells"])
    def test_refuses_what_is_counted_and_gives_nothing_back(self, name: str) -> None:
        question = b'["Dozory"]\n' + repacked(BOMBS[name]).getvalue()
        done = limited_process.run(workbook.PROCESS, question, memory=workbook.MEMORY, seconds=10, patience=60)
        assert (done.status, done.output) == (Unfit.TOO_MUCH, b"")

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
    except UnreadableSource:
        return
    assert isinstance(season, Season)
