"""Czech order, search, numbers and words. Pure: always Czech, whatever language is active."""

from __future__ import annotations

import unicodedata
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from medcover.common.text import tidy

MISSING = "—"

# The Czech standard (ČSN 97 6030) looks at á, é, í … only to break a tie and knows č, ř, š, ž and ch as letters.
# The specification asks for something plainer, and the order in the browser is the same: every accented letter
# is a letter of its own, right after its base letter; whatever stands outside this row comes last.
_ALPHABET = (
    " ",
    *"0123456789",
    *("a", "á", "b", "c", "č", "d", "ď", "e", "é", "ě", "f", "g", "h", "ch", "i", "í", "j", "k", "l", "m", "n", "ň"),
    *("o", "ó", "p", "q", "r", "ř", "s", "š", "t", "ť", "u", "ú", "ů", "v", "w", "x", "y", "ý", "z", "ž"),
)
_PLACES = {letter: f"{place:02d}" for place, letter in enumerate(_ALPHABET, start=10)}
_UNKNOWN = "99"

# Letters that Unicode does not take apart into a base and a mark.
_STROKED = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i"})

_WEEKDAYS = ("po", "út", "st", "čt", "pá", "so", "ne")
_MONTHS = (
    *("Leden", "Únor", "Březen", "Duben", "Květen", "Červen"),
    *("Červenec", "Srpen", "Září", "Říjen", "Listopad", "Prosinec"),
)


def sort_key(text: str) -> str:
    """Return a key to be stored beside the text; keys compared as plain strings give the Czech order.

    Spaces come first, then digits, then letters regardless of case ("ch" between h and i, accented letters after
    their base letter), unknown characters last in order of their code. A key consists of digits only, two for a
    known letter and nine for an unknown one, so every collation of every database and the browser order it alike.
    """
    rest = tidy(text).lower()
    places = []
    while rest:
        letter = "ch" if rest.startswith("ch") else rest[0]
        places.append(_PLACES.get(letter) or f"{_UNKNOWN}{ord(letter):07d}")
        rest = rest[len(letter) :]
    return "".join(places)


def _bare(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold()).translate(_STROKED)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def fold(text: str) -> str:
    """Return the text for searching: lower case, without diacritics, single spaces, nothing invisible."""
    # Twice, because taking a rare sign apart can yield capitals and marks anew.
    return tidy(_bare(_bare(tidy(text))))


def decimal(value: Decimal | float | None, places: int = 1, *, strip: bool = True) -> str:
    """Write a number with a decimal comma, rounded half-up: 5.5 → "5,5", 2 → "2", None → "—".

    With `strip`, zeros after the comma are dropped.
    """
    if value is None:
        return MISSING
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    text = f"{abs(rounded) if rounded.is_zero() else rounded:f}"
    if strip and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", ",")


def plural(n: int, one: str, few: str, many: str) -> str:
    """Choose the word that follows the number: 1 akce, 2–4 akce, 0 and 5+ akcí."""
    if n == 1:
        return one
    return few if n in (2, 3, 4) else many


def weekday_short(day: date) -> str:
    """Return the two-letter Czech weekday: po, út, st, čt, pá, so, ne."""
    return _WEEKDAYS[day.weekday()]


def month(number: int) -> str:
    """Return the Czech name of a month, 1 to 12, as a heading writes it: "Leden"."""
    return _MONTHS[number - 1]
