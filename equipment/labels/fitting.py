"""Making a line of text fit: smaller type first, then fewer letters, then nothing. Pure, given how text is measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

ELLIPSIS = "…"

#: Text and size → width and height in the same unit as the size.
Measure = Callable[[str, int], tuple[float, float]]


@dataclass(frozen=True)
class Fitted:
    """What is written, and how large."""

    text: str
    size: int


def fit(text: str, *, width: float, height: int, least: int, measure: Measure, shorten: bool = True) -> Fitted | None:
    """Return the text in the largest type that fits, shortened in the smallest if need be; None if nothing fits."""
    largest = _largest(lambda size: _fits(measure(text, size), width, height), least, height)
    if largest is not None:
        return Fitted(text, largest)
    return _shortened(text, width, height, least, measure) if shorten else None


def _fits(measured: tuple[float, float], width: float, height: int) -> bool:
    return measured[0] <= width and measured[1] <= height


def _largest(fits: Callable[[int], bool], least: int, most: int) -> int | None:
    """Return the largest number from `least` to `most` that fits, when all smaller ones do as well."""
    if most < least or not fits(least):
        return None
    while least < most:
        middle = (least + most + 1) // 2
        least, most = (middle, most) if fits(middle) else (least, middle - 1)
    return least


def _shortened(text: str, width: float, height: int, size: int, measure: Measure) -> Fitted | None:
    def cut(letters: int) -> str:
        return text[:letters].rstrip() + ELLIPSIS

    letters = _largest(lambda count: _fits(measure(cut(count), size), width, height), 1, len(text) - 1)
    return Fitted(cut(letters), size) if letters else None
