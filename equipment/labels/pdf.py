"""Sheets of labels as PDF: codes as rectangles, so they are sharp at any size, and text beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from fpdf import FPDF

from equipment.labels import fonts
from equipment.labels.code import Modules, modules_of
from equipment.labels.fitting import Fitted, fit
from equipment.labels.options import Content
from equipment.labels.sheets import Place, Sheet, places

#: Millimetres of a label that stay empty on each side, and between code and text.
MARGIN, GAP = 2.0, 1.5
#: The code takes no more of the width than this.
CODE_SHARE = 0.5
#: Lines of the name, and sizes of type in points.
NAME_LINES, MOST_POINTS, LEAST_POINTS = 3, 12, 6
MM_PER_POINT = 25.4 / 72
LINE = 1.2
_FAMILY = "DejaVu"


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
    for content, place in zip(contents, places(sheet, len(contents), start=start, offset=offset), strict=True):
        while document.page <= place.page:
            document.add_page()
        _label(document, sheet, place, content)
    return bytes(document.output())


def _document(sheet: Sheet) -> FPDF:
    document = FPDF(unit="mm", format=sheet.page)
    document.set_margin(0)
    document.set_auto_page_break(auto=False)
    document.add_font(_FAMILY, style="B", fname=fonts.bold_path())
    return document


def _label(document: FPDF, sheet: Sheet, place: Place, content: Content) -> None:
    modules = modules_of(content.address)
    code, beside = frames(sheet, place)
    for run in runs(modules, code):
        document.rect(run.x, run.y, run.width, run.height, style="F")
    _texts(document, beside, content)


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


def _texts(document: FPDF, frame: Frame, content: Content) -> None:
    """Write name, address and Wi-Fi below each other, in the middle of the height; what has no room is left out."""
    lines = [fitted for text in _lines(document, frame, content) if (fitted := _fitted(document, text, frame.width))]
    room = frame.height
    kept: list[Fitted] = []
    for line in lines:
        room -= _height(line)
        if room < 0:
            break
        kept.append(line)
    y = frame.y + (frame.height - sum(map(_height, kept))) / 2
    for line in kept:
        y += _height(line)
        document.set_font(_FAMILY, "B", line.size)
        document.text(frame.x, y - _height(line) * (1 - 1 / LINE), line.text)


def _lines(document: FPDF, frame: Frame, content: Content) -> list[str]:
    name = wrapped(document, content.name, frame.width) if content.name else []
    return [*name, *filter(None, [content.url]), *content.wifi]


def wrapped(document: FPDF, text: str, width: float) -> list[str]:
    """Break a name into lines at its spaces, as wide as the largest type allows; the last line takes the rest."""
    document.set_font(_FAMILY, "B", (MOST_POINTS + LEAST_POINTS) // 2)
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and (len(lines) == NAME_LINES or document.get_string_width(longer) <= width):
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _fitted(document: FPDF, text: str, width: float) -> Fitted | None:
    def measure(words: str, size: int) -> tuple[float, float]:
        document.set_font(_FAMILY, "B", size)
        return document.get_string_width(words), size

    return fit(text, width=int(width), height=MOST_POINTS, least=LEAST_POINTS, measure=measure)


def _height(line: Fitted) -> float:
    return line.size * MM_PER_POINT * LINE
