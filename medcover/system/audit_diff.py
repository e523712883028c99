"""What changed inside a text, word by word; pure.

Each side is cut into pieces, of which those that the other side does not have are marked. A page writes them as `del`
and `ins`, which are struck through and underlined, so that nobody depends on a colour.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

#: Shorter values are compared at a glance.
SHORTEST = 30
#: Comparing takes the more the longer; a text of more words than this is shown as it is.
MOST_WORDS = 2000
#: Where less than this is common, marking would only shred both texts.
LEAST_ALIKE = 0.25

_WORD = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True)
class Piece:
    """Part of a text; `changed` if the other side does not have it."""

    text: str
    changed: bool


def pieces(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """Return both texts in pieces; in one unmarked piece each where marking would not help."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    if min(len(before), len(after)) < SHORTEST or max(len(old), len(new)) > MOST_WORDS:
        return [Piece(before, changed=False)], [Piece(after, changed=False)]
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    codes = matcher.get_opcodes()
    if _common(old, codes) < LEAST_ALIKE * len("".join((before if len(before) < len(after) else after).split())):
        return [Piece(before, changed=False)], [Piece(after, changed=False)]
    return (
        list(_side(old, [(start, end, tag) for tag, start, end, _from, _to in codes])),
        list(_side(new, [(start, end, tag) for tag, _from, _to, start, end in codes])),
    )


def _common(words: Sequence[str], codes: Sequence[tuple[str, int, int, int, int]]) -> int:
    """How many characters both texts share; spaces are alike in all texts."""
    same = ("".join(words[start:end]) for tag, start, end, _from, _to in codes if tag == "equal")
    return sum(len("".join(text.split())) for text in same)


def _side(words: Sequence[str], parts: list[tuple[int, int, str]]) -> Iterator[Piece]:
    for start, end, tag in parts:
        if start < end:
            yield Piece("".join(words[start:end]), changed=tag != "equal")
