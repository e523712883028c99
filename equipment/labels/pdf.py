"""Sheets of labels as PDF: codes as rectangles, so they are sharp at any size, and text beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from equipment.labels import fonts
from equipment.labels.code import Modules, modules_of
from equipment.labels.options import Content
from equipment.labels.sheets import Place, Sheet, places
from equipment.labels.typesetting import MM_PER_POINT, Width, height_of, typeset

if TYPE_CHECKING:
    from fpdf import FPDF

#: Millimetres of a label that stay empty on each side, and between code and text.
MARGIN, GAP = 2.0, 1.5
#: The code takes no more of the width than this.
CODE_SHARE = 0.5
_FAMILY = "DejaVu"
#: In points; letters are measured once, and their widths grow with the size.
_SAMPLE = 100


@dataclass(frozen=True)
class Frame:
    """A rectangle in millimetres."""

    x: float
    y: float
    width: float
    height: float


def pdf(
    contents: Sequence[Content], sheet: Sheet, *, start: int = 1, offset: tuple[float, float] = (0.0, 0.0)
) -> bytes:
    """Return the sheets. Raises ValueError when there is no label `start`, Unrenderable for an address too long."""
    document = _document(sheet)
    measure = _measure_of(document)
    for content, place in zip(contents, places(sheet, len(contents), start=start, offset=offset), strict=True):
        while document.page <= place.page:
            document.add_page()
        _label(document, measure, sheet, place, content)
    return bytes(document.output())


def _document(sheet: Sheet) -> FPDF:
    # Not at the top: with all that reads fonts it takes a quarter of what a process holds, and few ever print labels.
    from fpdf import FPDF

    document = FPDF(unit="mm", format=sheet.page)
    document.set_margin(0)
    document.set_auto_page_break(auto=False)
    document.add_font(_FAMILY, style="B", fname=fonts.bold_path())
    return document


def _measure_of(document: FPDF) -> Width:
    """Return what measures text in the type of the document, which sets letter by letter."""

    @cache
    def letter(char: str) -> float:
        document.set_font(_FAMILY, "B", _SAMPLE)
        return document.get_string_width(char)

    return lambda text, size: sum(map(letter, text)) * size / _SAMPLE


def _label(document: FPDF, measure: Width, sheet: Sheet, place: Place, content: Content) -> None:
    modules = modules_of(content.address)
    code, beside = frames(sheet, place)
    for run in runs(modules, code):
        document.rect(run.x, run.y, run.width, run.height, style="F")
    _texts(document, measure, beside, content)


def frames(sheet: Sheet, place: Place) -> tuple[Frame, Frame]:
    """Return where the code and where the text goes on one label.

    The quiet zone belongs to the code, so it may reach to the edge of the label more than text does.
    """
    width, height = sheet.label
    side = min(height - MARGIN, (width - MARGIN) * CODE_SHARE)
    code = Frame(place.x + MARGIN / 2, place.y + (height - side) / 2, side, side)
    left = code.x + side + GAP - MARGIN / 2
    beside = Frame(left, place.y + MARGIN, place.x + width - MARGIN - left, height - 2 * MARGIN)
    return code, beside


def runs(modules: Modules, frame: Frame) -> Iterator[Frame]:
    """Yield a rectangle for each run of dark modules in a row."""
    module = frame.width / len(modules)
    for row, cells in enumerate(modules):
        column = 0
        for dark, group in groupby(cells):
            length = len(list(group))
            if dark:
                yield Frame(frame.x + column * module, frame.y + row * module, length * module, module)
            column += length


def _texts(document: FPDF, measure: Width, frame: Frame, content: Content) -> None:
    """Write name, address and Wi-Fi below each other, in the middle of the height."""
    lines = typeset(content, frame.width, frame.height, measure)
    y = frame.y + (frame.height - height_of(lines)) / 2
    for line in lines:
        document.set_font(_FAMILY, "B", line.size)
        document.text(frame.x, y + line.size * MM_PER_POINT, line.text)
        y += height_of([line])
