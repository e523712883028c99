"""Reading a file of items: XLSX in the process with limits, CSV here; nothing is compared or written yet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from typing import Any

from django.utils.translation import gettext as _

from equipment.sheets.columns import Column, Unreadable, column_called, titles
from medcover.common.errors import UnreadableSource
from medcover.common.text import tidy
from medcover.common.untrusted_workbook import MAX_BYTES, read_sheets

#: A file of more is a mistake more often than a wish.
MOST_ROWS = 1000
_MOST_COLUMNS = 60
_LONGEST_CELL = 20_000
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class Row:
    """One row: its number in the file, its values by the keys of columns, and what could not be read of it."""

    number: int
    values: dict[str, Any]
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Table:
    """What a file holds; `ignored` are headings that mean nothing to us."""

    rows: list[Row]
    ignored: list[str]


def read_table(data: bytes) -> Table:
    """Read the items of an XLSX or CSV file. Raises UnreadableSource."""
    if len(data) > MAX_BYTES:
        raise UnreadableSource(_("The file is too large."))
    lines = list(_lines_of_workbook(data) if data.startswith(_ZIP) else _lines_of_csv(data))
    if not lines:
        raise UnreadableSource(_("The file is empty."))
    if len(lines) > MOST_ROWS + 1:
        raise UnreadableSource(_("The file has more than %d rows; split it.") % MOST_ROWS)
    return _table(lines)


#: Number of a row, and its cells.
Line = tuple[int, Sequence[Any]]


def _lines_of_workbook(data: bytes) -> Iterator[Line]:
    sheets = read_sheets(BytesIO(data), titles())
    if not sheets:
        raise UnreadableSource(_("The workbook has no sheet called “%s”.") % titles()[0])
    rows = next(iter(sheets.values())).rows
    for number in sorted(rows):
        yield number, [_("#error") if cell.broken else cell.value for cell in rows[number]]


def _lines_of_csv(data: bytes) -> Iterator[Line]:
    text = _decoded(data)
    try:
        reader = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
        for number, cells in enumerate(reader, start=1):
            if any(cell.strip() for cell in cells):
                yield number, [cell[:_LONGEST_CELL] for cell in cells[:_MOST_COLUMNS]]
    except csv.Error as error:
        raise UnreadableSource(_("The file cannot be read as CSV.")) from error


def _decoded(data: bytes) -> str:
    """Read UTF-8, or what spreadsheet programs of Czech Windows write."""
    if b"\0" in data:
        raise UnreadableSource(_("The file is neither a workbook (XLSX) nor text (CSV)."))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1250", errors="replace")


def _delimiter(text: str) -> str:
    """Return what separates the headings: Czech programs write semicolons."""
    first = text.lstrip().partition("\n")[0]
    return max(",;\t", key=first.count)


def _table(lines: Iterable[Line]) -> Table:
    (_number, first), *rest = lines
    headings = [tidy(str(cell or "")) for cell in first]
    columns = [column_called(heading) for heading in headings]
    known = [column.key for column in columns if column]
    if "name" not in known or "type" not in known:
        raise UnreadableSource(_("The first row must hold the headings, among them the name and the type."))
    if len(set(known)) != len(known):
        raise UnreadableSource(_("Two columns have the same heading."))
    ignored = [heading for heading, column in zip(headings, columns, strict=True) if heading and not column]
    return Table([_row(number, columns, cells) for number, cells in rest], ignored)


def _row(number: int, columns: Sequence[Column | None], cells: Sequence[Any]) -> Row:
    row = Row(number, {})
    padded = [*cells, *[None] * (len(columns) - len(cells))]
    for column, cell in zip(columns, padded, strict=False):
        if column is None:
            continue
        try:
            row.values[column.key] = column.read(cell)
        except Unreadable as fault:
            row.faults.append(f"{column.heading}: {fault}")
    return row
