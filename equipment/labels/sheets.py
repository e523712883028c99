"""Sheets of labels: where each label lies on the page, in millimetres. Pure.

Measures of sheets are facts of their makers:

* Avery 5160 (US letter): 2 5/8 × 1 inches in 3 × 10, 3/16 inch from the left and 1/8 inch between columns, which
  adds up to the 8 1/2 inches of the page. Avery 5163: 4 × 2 inches in 2 × 5, 5/32 inch from the left and 3/16 inch
  between columns, as gLabels describes it. Both begin half an inch from the top and have no gaps between rows.
* 70 × 37 mm in 3 × 8, the whole width of A4 without gaps: LibreOffice's table of labels
  (`extras/source/labels/labels.xml`, CIL-W100), which begins at the upper edge; the millimetre that is left over is
  halved here.
* 99.1 × 38.1 mm in 2 × 7: 4.67 mm from the left, 15.15 mm from the top, 101.6 mm from column to column, from the
  same table (Avery C2163).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

INCH = 25.4
A4, LETTER = (210.0, 297.0), (8.5 * INCH, 11 * INCH)
#: Printers miss by a few millimetres; more than this is a wrong sheet.
MOST_OFFSET_MM = 10


@dataclass(frozen=True)
class Sheet:
    """A page with rows and columns of equal labels. All lengths are in millimetres."""

    page: tuple[float, float]
    columns: int
    rows: int
    label: tuple[float, float]
    left: float
    top: float
    step: tuple[float, float]

    @property
    def count(self) -> int:
        """How many labels it has."""
        return self.columns * self.rows


class Layout(StrEnum):
    """What a sheet is called in addresses."""

    A4_3X8 = "a4_70x37"
    A4_2X7 = "a4_99x38"
    AVERY_5160 = "avery_5160"
    AVERY_5163 = "avery_5163"

    @property
    def sheet(self) -> Sheet:
        """Its measures."""
        return _SHEETS[self]

    @property
    def label(self) -> Promise:
        """What it is called on screen."""
        return _LABELS[self]


_SHEETS = {
    Layout.A4_3X8: Sheet(A4, 3, 8, (70.0, 37.0), 0.0, 0.5, (70.0, 37.0)),
    Layout.A4_2X7: Sheet(A4, 2, 7, (99.06, 38.1), 4.67, 15.15, (101.6, 38.1)),
    Layout.AVERY_5160: Sheet(
        LETTER, 3, 10, (2.625 * INCH, INCH), 0.1875 * INCH, 0.5 * INCH, (2.75 * INCH, INCH)
    ),
    Layout.AVERY_5163: Sheet(
        LETTER, 2, 5, (4 * INCH, 2 * INCH), 0.15625 * INCH, 0.5 * INCH, (4.1875 * INCH, 2 * INCH)
    ),
}  # fmt: skip

_LABELS: dict[Layout, Promise] = {
    Layout.A4_3X8: _("A4, 3 × 8 labels of 70 × 37 mm"),
    Layout.A4_2X7: _("A4, 2 × 7 labels of 99.1 × 38.1 mm"),
    Layout.AVERY_5160: _("Letter, 3 × 10 labels (Avery 5160)"),
    Layout.AVERY_5163: _("Letter, 2 × 5 labels (Avery 5163)"),
}


@dataclass(frozen=True)
class Place:
    """Where one label begins: the page, counted from 0, and its left upper corner in millimetres."""

    page: int
    x: float
    y: float


def places(sheet: Sheet, count: int, *, start: int = 1, offset: tuple[float, float] = (0.0, 0.0)) -> Iterator[Place]:
    """Yield the places of so many labels, row by row from label `start` of the first page, each moved by `offset`.

    Raises ValueError when the sheet has no label of that number.
    """
    if not 1 <= start <= sheet.count:
        raise ValueError(f"A sheet of {sheet.count} labels has no label {start}.")
    for number in range(start - 1, start - 1 + count):
        page, on_page = divmod(number, sheet.count)
        row, column = divmod(on_page, sheet.columns)
        x, y = sheet.left + column * sheet.step[0], sheet.top + row * sheet.step[1]
        yield Place(page, x + offset[0], y + offset[1])


def pages(sheet: Sheet, count: int, start: int = 1) -> int:
    """Return how many sheets that takes."""
    return -(-(start - 1 + count) // sheet.count)
