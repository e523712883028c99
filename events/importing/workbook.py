"""Opening a spreadsheet that somebody sent: only values are read, and what is built to harm is refused.

A workbook is a zip of XML files. Before the library parses it we look at its size packed and unpacked, and refuse
macros and document type declarations, the carrier of entity bombs; then we stream rows and stop at fixed bounds.
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext_lazy as _
from openpyxl import load_workbook
from openpyxl.cell.read_only import EMPTY_CELL
from openpyxl.cell.rich_text import CellRichText, TextBlock

from events.importing.doubts import ImportRefused
from medcover.common.czech import fold

MAX_BYTES = 5 * 1024 * 1024
MAX_UNPACKED_BYTES = 10 * 1024 * 1024
MAX_PARTS = 500
MAX_ROWS = 5_000
MAX_COLUMNS = 100
_OLD_FORMAT = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of XLS files, and of encrypted XLSX files
_CONTENTS = "[content_types].xml"
_PACKINGS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})  # the only ones of the format


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

    Raises ImportRefused when the file is no workbook, is too large, or is not built as workbooks are.
    """
    try:
        data = _bytes_of(source)
        _inspect(data)
        return _parse(data, titles)
    except ImportRefused:
        raise
    except Exception as fault:
        # A forged file can make the parsers stumble over anything; none of it is our error.
        raise ImportRefused(_("The file cannot be read. It must be a workbook in the XLSX format.")) from fault


def _bytes_of(source: str | Path | IO[bytes]) -> bytes:
    if isinstance(source, str | Path):
        with Path(source).open("rb") as file:
            return _bytes_of(file)
    data = source.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ImportRefused(_("The file is too large."))
    return data


def _inspect(data: bytes) -> None:
    """Refuse archives that grow beyond bounds or declare document types, whatever their encoding."""
    if data.startswith(_OLD_FORMAT):
        raise ImportRefused(_("The file is in an old format or locked by a password. Save it as XLSX without one."))
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = archive.infolist()
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
            raise ImportRefused(_("The file is too large when unpacked."))
        for part in parts:
            _inspect_part(part, archive)


def _inspect_part(part: zipfile.ZipInfo, archive: zipfile.ZipFile) -> None:
    """Macros are told by their file, or by the type that the table of contents declares."""
    name = part.filename.lower()
    if part.compress_type not in _PACKINGS:
        raise ValueError(name)
    # Without zero bytes UTF-16 reads like ASCII here.
    content = archive.read(part).replace(b"\0", b"")
    if name.endswith("vbaproject.bin") or (name == _CONTENTS and b"macroenabled" in content.lower()):
        raise ImportRefused(_("The file holds macros. Save it as a workbook without macros (XLSX)."))
    if b"<!DOCTYPE" in content:
        raise ValueError(name)


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
    sheet.reset_dimensions()  # what the file says about its own size is not to be trusted
    for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS), start=1):
        if number > MAX_ROWS:
            raise ImportRefused(_("The sheet has too many rows."))
        yield number, cells


def _filled_rows(sheet: Any, formulas: frozenset[tuple[int, int]]) -> dict[int, tuple[Cell, ...]]:
    rows = {}
    for number, raw in _numbered(sheet):
        cells = tuple(
            BLANK if cell is EMPTY_CELL else _cell(cell, formula=(number, column) in formulas)
            for column, cell in enumerate(raw)
        )
        if any(cell.filled for cell in cells):
            rows[number] = cells
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
