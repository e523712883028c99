"""Reading a spreadsheet that somebody sent: only values are read, and what is built to harm is refused.

A workbook is a zip of XML files, and a small one can hold more than a machine bears. It is read in a process with
limits on memory and time (`untrusted_workbook_process`), which besides refuses early what nobody needs: too much packed
or unpacked, too many elements, macros, and document type declarations, the carrier of entity bombs.
"""

from __future__ import annotations

import json
import logging
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import IntEnum
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from openpyxl import load_workbook
from openpyxl.cell.read_only import EMPTY_CELL
from openpyxl.cell.rich_text import CellRichText, TextBlock

from medcover.common import limited_process
from medcover.common.czech import fold
from medcover.common.errors import UnreadableSource

MAX_BYTES = 5 * 1024 * 1024
MAX_UNPACKED_BYTES = 10 * 1024 * 1024
MAX_PARTS = 500
#: Beginnings and ends of elements, of all parts together; a season has some tens of thousands, and each costs the
#: parsers time and memory.
MAX_TAGS = 500_000
#: Elements in each other; workbooks have about ten.
MAX_DEPTH = 64
#: Of all cells together: one text of the file may stand in any number of cells.
MAX_CHARACTERS = 5_000_000
#: The format has no more rows, and whoever names a later one wants somebody to count that far.
LAST_ROW = 1_048_576
#: Rows that hold something; formats reach as far down as people have coloured.
MAX_ROWS = 5_000
MAX_COLUMNS = 100
_OLD_FORMAT = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of XLS files, and of encrypted XLSX files
_CONTENTS = "[content_types].xml"
_ENCRYPTED = 0x1  # among the flags of a packed part
_PACKINGS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})  # the only ones of the format


PROCESS = "medcover.common.untrusted_workbook_process"
#: Bytes of address space, seconds of the processor, and seconds by the clock; a season takes a tenth of each.
MEMORY, SECONDS, PATIENCE = 500 * 1024 * 1024, 10, 30

logger = logging.getLogger(__name__)


class Unfit(IntEnum):
    """Why a workbook is not read; the number is the exit status of the process."""

    TOO_LARGE = 31
    TOO_LARGE_UNPACKED = 32
    TOO_MUCH = 33
    TOO_MANY_ROWS = 34
    OLD_OR_LOCKED = 35
    MACROS = 36
    UNREADABLE = 37


_SENTENCES: dict[Unfit, Promise] = {
    Unfit.TOO_LARGE: _("The file is too large."),
    Unfit.TOO_LARGE_UNPACKED: _("The file is too large when unpacked."),
    Unfit.TOO_MUCH: _("The file holds more than can be read. Copy the rows you need into a new workbook."),
    Unfit.TOO_MANY_ROWS: _("The sheet has too many rows."),
    Unfit.OLD_OR_LOCKED: _("The file is in an old format or locked by a password. Save it as XLSX without one."),
    Unfit.MACROS: _("The file holds macros. Save it as a workbook without macros (XLSX)."),
    Unfit.UNREADABLE: _("The file cannot be read. It must be a workbook in the XLSX format."),
}


class UnfitWorkbook(UnreadableSource):
    """A workbook was refused; `reason` says why."""

    def __init__(self, reason: Unfit) -> None:
        super().__init__(_SENTENCES[reason])
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Cell:
    """One value. `broken`: an error, or a formula whose result the file does not hold."""

    value: Any = None
    struck: bool = False
    broken: bool = False

    @property
    def filled(self) -> bool:
        """The cell holds something, readable or not."""
        return self.broken or (self.value is not None and str(self.value).strip() != "")


BLANK = Cell()


@dataclass(frozen=True)
class Sheet:
    """The filled rows of one sheet by their number."""

    title: str
    rows: dict[int, tuple[Cell, ...]]

    def row(self, number: int) -> tuple[Cell, ...]:
        """Return the cells of a row; none for a row without content."""
        return self.rows.get(number, ())


def read_sheets(source: str | Path | IO[bytes], titles: tuple[str, ...]) -> dict[str, Sheet]:
    """Read those of the named sheets that the workbook holds; titles are compared without case and diacritics.

    Raises UnreadableSource when the file is no workbook, is too large, or is not built as workbooks are.
    """
    return _read_apart(_bytes_of(source), titles)


def _read_apart(data: bytes, titles: tuple[str, ...]) -> dict[str, Sheet]:
    question = json.dumps(titles).encode() + b"\n"
    done = limited_process.run(PROCESS, question + data, memory=MEMORY, seconds=SECONDS, patience=PATIENCE)
    if done.was_stopped:
        logger.warning("Suspected bomb: a workbook took too much time or memory (status %d).", done.status)
        raise UnfitWorkbook(Unfit.TOO_MUCH)
    if done.status:
        raise UnfitWorkbook(Unfit(done.status))
    return sheets_of(json.loads(done.output))


def parse_sheets(data: bytes, titles: tuple[str, ...]) -> dict[str, Sheet]:
    """Read the sheets in this process: without limits, for the process that has them. Raises UnfitWorkbook."""
    try:
        _inspect(data)
        return _parse(data, titles)
    except (UnfitWorkbook, MemoryError):
        raise
    except Exception as fault:
        # A forged file can make the parsers stumble over anything; none of it is our error.
        raise UnfitWorkbook(Unfit.UNREADABLE) from fault


# --- from one process to the other ----------------------------------------------------------------------------

#: How values that JSON does not know are written: their sort and, where they have one, their form in ISO 8601.
_FROM_TEXT: dict[str, Callable[[str], Any]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda text: timedelta(seconds=float(text)),
    "Decimal": Decimal,
}


def plain_of(sheets: dict[str, Sheet]) -> dict[str, Any]:
    """Return the sheets as JSON knows it."""
    return {title: {number: [_plain(cell) for cell in row] for number, row in sheet.rows.items()}
            for title, sheet in sheets.items()}  # fmt: skip


def _plain(cell: Cell) -> list[Any]:
    value, kind = cell.value, type(cell.value).__name__
    if isinstance(value, timedelta):
        value = repr(value.total_seconds())
    elif isinstance(value, datetime | date | time):
        value = value.isoformat()
    elif not isinstance(value, str | int | float | bool | None):
        value = str(value)
    return [kind, value, cell.struck, cell.broken]


def sheets_of(plain: dict[str, Any]) -> dict[str, Sheet]:
    """Return the sheets that `plain_of` has written."""
    return {
        title: Sheet(title, {int(number): tuple(_cell_of(*cell) for cell in row) for number, row in rows.items()})
        for title, rows in plain.items()
    }


def _cell_of(kind: str, value: Any, struck: bool, broken: bool) -> Cell:
    if value is None and not (struck or broken):
        return BLANK
    read = _FROM_TEXT.get(kind)
    return Cell(read(value) if read else value, struck, broken)


# --- reading ---------------------------------------------------------------------------------------------------


def _bytes_of(source: str | Path | IO[bytes]) -> bytes:
    if isinstance(source, str | Path):
        try:
            with Path(source).open("rb") as file:
                return _bytes_of(file)
        except OSError as error:
            raise UnfitWorkbook(Unfit.UNREADABLE) from error
    data = source.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise UnfitWorkbook(Unfit.TOO_LARGE)
    return data


def _inspect(data: bytes) -> None:
    """Refuse archives that grow beyond bounds or declare document types, whatever their encoding."""
    if data.startswith(_OLD_FORMAT):
        raise UnfitWorkbook(Unfit.OLD_OR_LOCKED)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = archive.infolist()
        if any(part.flag_bits & _ENCRYPTED for part in parts):
            raise UnfitWorkbook(Unfit.OLD_OR_LOCKED)
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
            raise UnfitWorkbook(Unfit.TOO_LARGE_UNPACKED)
        tags = 0
        for part in parts:
            tags += _inspect_part(part, archive)
            if tags > MAX_TAGS:
                raise UnfitWorkbook(Unfit.TOO_MUCH)


def _inspect_part(part: zipfile.ZipInfo, archive: zipfile.ZipFile) -> int:
    """Return how many elements the part begins and ends.

    Macros are told by their file, or by the type that the table of contents declares.
    """
    name = part.filename.lower()
    if part.compress_type not in _PACKINGS:
        raise ValueError(name)
    with archive.open(part) as file:
        raw = file.read(part.file_size)  # never more than was announced; what lies about it has a wrong checksum
    # Without zero bytes UTF-16 reads like ASCII here.
    content = raw.replace(b"\0", b"")
    if name.endswith("vbaproject.bin") or (name == _CONTENTS and b"macroenabled" in content.lower()):
        raise UnfitWorkbook(Unfit.MACROS)
    if b"<!DOCTYPE" in content:
        raise ValueError(name)
    tags = content.count(b"<")
    if tags > MAX_TAGS:
        raise UnfitWorkbook(Unfit.TOO_MUCH)
    _refuse_depth(raw)
    return tags


def _refuse_depth(content: bytes) -> None:
    """Refuse elements nested too deeply; what is no XML is none of our concern here."""
    parser = expat.ParserCreate()
    depth = 0

    def begin(_name: str, _attributes: object) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise UnfitWorkbook(Unfit.TOO_MUCH)

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = begin, end
    with suppress(expat.ExpatError):
        parser.Parse(content, True)


def _parse(data: bytes, titles: tuple[str, ...]) -> dict[str, Sheet]:
    with warnings.catch_warnings():
        # The library warns of features that it drops (we want values only) and of dates out of range (they become
        # error values, which we report ourselves).
        warnings.simplefilter("ignore")
        formulas = _formulas(data, titles)
        with closing(_open(data, data_only=True)) as book:
            return {
                title: Sheet(title, _filled_rows(sheet, formulas[title]))
                for title, sheet in _wanted(book, titles).items()
            }


def _open(data: bytes, *, data_only: bool) -> Any:
    return load_workbook(BytesIO(data), read_only=True, data_only=data_only, rich_text=True, keep_links=False)


def _wanted(book: Any, titles: tuple[str, ...]) -> dict[str, Any]:
    by_title = {fold(sheet.title): sheet for sheet in reversed(book.worksheets)}
    return {title: by_title[fold(title)] for title in titles if fold(title) in by_title}


def _formulas(data: bytes, titles: tuple[str, ...]) -> dict[str, frozenset[tuple[int, int]]]:
    """Return the places of formulas: read for their results, they look empty when the file holds none."""
    with closing(_open(data, data_only=False)) as book:
        return {
            title: frozenset(
                (number, column)
                for number, cells in _numbered(sheet)
                for column, cell in enumerate(cells)
                if cell.data_type == "f"
            )
            for title, sheet in _wanted(book, titles).items()
        }


def _numbered(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Yield the rows of which the file holds any cell, by their number; there may be a million without one between."""
    sheet.reset_dimensions()  # what the file says about its own size is not to be trusted
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if number > LAST_ROW:
            raise UnfitWorkbook(Unfit.TOO_MUCH)
        if cells:
            yield number, cells[:MAX_COLUMNS]


def _filled_rows(sheet: Any, formulas: frozenset[tuple[int, int]]) -> dict[int, tuple[Cell, ...]]:
    rows: dict[int, tuple[Cell, ...]] = {}
    characters = 0
    for number, raw in _numbered(sheet):
        cells = tuple(
            BLANK if cell is EMPTY_CELL else _cell(cell, formula=(number, column) in formulas)
            for column, cell in enumerate(raw)
        )
        if any(cell.filled for cell in cells):
            rows[number] = cells
            if len(rows) > MAX_ROWS:
                raise UnfitWorkbook(Unfit.TOO_MANY_ROWS)
            characters += sum(len(cell.value) for cell in cells if isinstance(cell.value, str))
            if characters > MAX_CHARACTERS:
                raise UnfitWorkbook(Unfit.TOO_MUCH)
    return rows


def _cell(raw: Any, *, formula: bool) -> Cell:
    if raw.value is None:
        return Cell(broken=True) if formula else BLANK
    value = str(raw.value) if isinstance(raw.value, CellRichText) else raw.value
    return Cell(value=value, struck=_struck(raw), broken=raw.data_type == "e")


def _struck(raw: Any) -> bool:
    """Say whether the text is struck through: the cell as a whole, or each of its parts."""
    whole = bool(raw.font and raw.font.strike)
    if not isinstance(raw.value, CellRichText):
        return whole
    parts = [part for part in raw.value if str(part).strip()]
    return all(bool(part.font.strike) if isinstance(part, TextBlock) else whole for part in parts)
