"""Where things stand on a label, in whole pixels. Pure: numbers in, boxes out.

From the top: rows about the Wi-Fi, name, code, address. Name and address take 15 % of the height each, the rows of the
Wi-Fi share 30 %, and all of it together never takes more than 55 %, so that the code stays large.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from equipment.labels.sizes import Canvas, Unrenderable

logger = logging.getLogger(__name__)

TEXT_PERCENT, WIFI_PERCENT, MOST_PERCENT, MARGIN_PERCENT = 15, 30, 55, 2
LEAST_MARGIN = 4
#: Type is not set smaller than this, in points, nor is a row of the Wi-Fi lower than it and some pixels.
LEAST_POINTS, ROW_EXTRA = 8, 4
#: How much higher than its size a line of our type is, from the lowest to the highest letter, in thousandths.
LINE_PER_MILLE = 1165
#: Below so many pixels to a module phones have trouble.
GOOD_MODULE = 5


@dataclass(frozen=True)
class Box:
    """A rectangle from its left upper corner, ends excluded."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Its width."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Its height."""
        return self.bottom - self.top

    def overlaps(self, other: Box) -> bool:
        """Say whether they share a pixel."""
        beside = self.right <= other.left or other.right <= self.left
        return not beside and self.top < other.bottom and other.top < self.bottom


@dataclass(frozen=True)
class Code:
    """The square of a code, its quiet zone included, and how many pixels a module has."""

    box: Box
    module: int


@dataclass(frozen=True)
class Layout:
    """The boxes of one label; those that it does not have are None."""

    code: Code
    wifi: tuple[Box, ...]
    name: Box | None
    url: Box | None


def lay_out(canvas: Canvas, modules: int, *, wifi: int = 0, name: bool = False, url: bool = False) -> Layout:
    """Lay out a code of so many modules, quiet zone included, and up to so many rows about the Wi-Fi.

    Raises Unrenderable when there is less than a pixel for a module.
    """
    margin = margin_of(canvas)
    text = canvas.height * TEXT_PERCENT // 100
    rows, row = wifi_rows(canvas, wifi, taken=text * (name + url))
    top = margin + rows * row
    code_top, code_bottom = top + text * name, canvas.height - margin - text * url
    code = placed(Box(margin, code_top, canvas.width - margin, code_bottom), modules)
    width = _text_width(canvas, margin, code.box.width)
    return Layout(
        code,
        tuple(_centred(canvas, max(width, canvas.width * 9 // 10), margin + row * n, row) for n in range(rows)),
        _centred(canvas, width, top, text) if name else None,
        _centred(canvas, width, code_bottom, text) if url else None,
    )


def margin_of(canvas: Canvas) -> int:
    """Return the margin on each side."""
    return max(LEAST_MARGIN, (canvas.width * MARGIN_PERCENT + 50) // 100)


def wifi_rows(canvas: Canvas, wanted: int, *, taken: int) -> tuple[int, int]:
    """Return how many rows about the Wi-Fi there is room for, and how high each is.

    `taken` is what name and address need. Rows that do not fit are left out from the last one on, with a warning.
    """
    room = canvas.height * MOST_PERCENT // 100 - taken
    share = min(canvas.height * WIFI_PERCENT // 100, room)
    least = line_height(canvas.points(LEAST_POINTS)) + ROW_EXTRA
    rows = min(wanted, max(0, room) // least)
    if rows < wanted:
        logger.warning("A label of %d × %d px has room for %d of %d rows about the Wi-Fi.",
                       canvas.width, canvas.height, rows, wanted)  # fmt: skip
    return rows, max(least, share // rows) if rows else 0


def line_height(size: int) -> int:
    """Return how high a line of type of this size is, rounded up."""
    return -(-size * LINE_PER_MILLE // 1000)


def placed(room: Box, modules: int) -> Code:
    """Put a code into the middle of a box, as large as whole pixels for each module allow. Raises Unrenderable."""
    module = min(room.width, room.height) // modules
    if module < 1:
        raise Unrenderable(_("The label is too small for the code. Choose a larger one, or let it show less."))
    if module < GOOD_MODULE:
        logger.warning("A module of a code has only %d px; phones may have trouble reading it.", module)
    side = module * modules
    left, top = room.left + (room.width - side) // 2, room.top + (room.height - side) // 2
    return Code(Box(left, top, left + side, top + side), module)


def _text_width(canvas: Canvas, margin: int, code: int) -> int:
    """A fifth wider than the code, as far as the label reaches."""
    return min(code * 6 // 5, canvas.width - 2 * margin)


def _centred(canvas: Canvas, width: int, top: int, height: int) -> Box:
    left = (canvas.width - width) // 2
    return Box(left, top, left + width, top + height)
