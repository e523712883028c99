"""Which column of a sheet holds what: by the text of its heading, otherwise by the letter of the old layout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openpyxl.utils import column_index_from_string, get_column_letter

from events.importing.cells import text_of
from events.importing.doubts import DoubtKind, Place
from events.importing.workbook import BLANK, Cell
from medcover.common.czech import fold


@dataclass(frozen=True)
class Column:
    """One thing that a sheet may hold.

    `headings` are folded texts; one that ends with * is a beginning. Without a letter the column is optional.
    """

    title: str
    headings: tuple[str, ...]
    letter: str | None = None
    read: bool = True
    """False: known, not wanted, and never to be taken for another column."""

    def is_headed(self, heading: str) -> bool:
        """Say whether a folded heading names this column."""
        return any(
            heading.startswith(known[:-1]) if known.endswith("*") else heading == known for known in self.headings
        )


@dataclass(frozen=True)
class Layout:
    """Where the wanted columns of one sheet are, as positions from 0."""

    places: Mapping[str, int]
    headings: Sequence[str]
    """The heading at each position, as written."""
    claimed: frozenset[int]
    """Positions whose heading is known, wanted or not."""

    def cell(self, cells: Sequence[Cell], title: str) -> Cell:
        """Return the cell of the named column in a row, a blank one if the sheet has no such column."""
        place = self.places.get(title)
        return BLANK if place is None or place >= len(cells) else cells[place]

    def heading(self, index: int) -> str:
        """Return the heading at a position, "" behind the last one."""
        return self.headings[index] if index < len(self.headings) else ""

    def has(self, title: str) -> bool:
        """Say whether the sheet has the named column."""
        return title in self.places


def locate(columns: Sequence[Column], header: Sequence[Cell], place: Place) -> Layout:
    """Find the columns in a header row; remark what had to be taken by its letter and what is not there."""
    headings = [text_of(cell.value) for cell in header]
    folded = [fold(heading) for heading in headings]
    named = {column.title: _headed(column, folded) for column in columns}
    claimed = frozenset(index for index in named.values() if index is not None)
    places = {}
    for column in columns:
        index = named[column.title]
        if index is None and column.letter:
            index = _by_letter(column, claimed, place)
        if index is not None and column.read:
            places[column.title] = index
    return Layout(places, headings, claimed)


def letter_of(index: int) -> str:
    """Return the letter of a position counted from 0."""
    return str(get_column_letter(index + 1))


def _by_letter(column: Column, claimed: frozenset[int], place: Place) -> int | None:
    """Return the position of the column in the old layout, unless another column stands there now."""
    index = column_index_from_string(column.letter) - 1
    if index in claimed:
        place.doubt(DoubtKind.COLUMN_MISSING, column.title)
        return None
    place.doubt(DoubtKind.COLUMN_BY_LETTER, f"{column.title} ({column.letter})")
    return int(index)


def _headed(column: Column, headings: Sequence[str]) -> int | None:
    return next((index for index, heading in enumerate(headings) if heading and column.is_headed(heading)), None)
