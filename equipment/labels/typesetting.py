"""The text beside a code on a sheet: as large as all of it fits, in two sizes of type. Pure, given how it is measured.

Sizes are in points, lengths in millimetres.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from equipment.labels.fitting import Fitted, fit
from equipment.labels.options import Content

MOST_POINTS, LEAST_POINTS = 14, 6
#: Address and Wi-Fi are not set larger than this.
NOTE_POINTS = 8
NAME_LINES, ADDRESS_LINES = 3, 4
MM_PER_POINT = 25.4 / 72
#: From line to line, in sizes of type.
LINE = 1.2

#: Of the name and of the notes, in the order in which they are tried; the last pair is the smallest.
_SIZES = [
    (size, note)
    for size in range(MOST_POINTS, LEAST_POINTS - 1, -1)
    for note in range(min(NOTE_POINTS, size), LEAST_POINTS - 1, -1)
]

#: Text and size → width.
Width = Callable[[str, int], float]


def typeset(content: Content, width: float, height: float, measure: Width) -> list[Fitted]:
    """Return the lines from the top; in the smallest type long ones are shortened, and the last ones left out.

    A large name goes before large notes: it is what people look for.
    """
    for size, note in _SIZES:
        lines = list(_lines(content, size, note, width, measure))
        if height_of(lines) <= height and all(measure(line.text, line.size) <= width for line in lines):
            return lines
    shortened = [_shortened(line.text, width, measure) for line in lines]
    return _as_many_as_fit(filter(None, shortened), height)


def height_of(lines: list[Fitted]) -> float:
    """Return how high these lines are."""
    return sum(line.size for line in lines) * MM_PER_POINT * LINE


def _lines(content: Content, size: int, note: int, width: float, measure: Width) -> Iterator[Fitted]:
    for text in broken(content.name.split(), " ", NAME_LINES, lambda text: measure(text, size) <= width):
        yield Fitted(text, size)
    for text in broken(list(content.url), "", ADDRESS_LINES, lambda text: measure(text, note) <= width):
        yield Fitted(text, note)
    yield from (Fitted(text, note) for text in content.wifi if text.strip())


def broken(parts: list[str], between: str, most: int, fits: Callable[[str], bool]) -> list[str]:
    """Join parts into lines that fit; what is too long stays whole, and the last line takes all that is left."""
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]}{between}{part}" if lines else part
        if lines and (fits(longer) or len(lines) == most):
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def _shortened(text: str, width: float, measure: Width) -> Fitted | None:
    def measured(words: str, size: int) -> tuple[float, float]:
        return measure(words, size), size

    return fit(text, width=width, height=LEAST_POINTS, least=LEAST_POINTS, measure=measured)


def _as_many_as_fit(lines: Iterator[Fitted], height: float) -> list[Fitted]:
    kept: list[Fitted] = []
    for line in lines:
        if height_of([*kept, line]) > height:
            break
        kept.append(line)
    return kept
