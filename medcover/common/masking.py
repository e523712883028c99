"""Recognising a person in texts, and putting something else where they stand. Pure.

A pattern is read alike by Python and by PostgreSQL. Which signs are letters and which of them belong together depends
on the collation of a database, so every class is spelled out. Names are recognised in any order of their words, in
any case and without diacritics, with or without a title; numbers with any spacing and with or without the prefix of
the country. Inflected names are not recognised.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

from medcover.common.phones import dialable
from medcover.common.text import tidy

_LETTERS = "A-Za-zÀ-ÖØ-öø-ɏ"
_CAPITALS = "A-ZÀ-ÖØ-ÞČĎĚĹĽŁŃŇŔŘŚŠŤŮŹŻŽ"
_SPACE = "[ \t\r\n\u00a0]"
#: Part of a longer word or of a double-barrelled name is somebody else.
_WORD_BEGINS = f"(?<![{_LETTERS}0-9])(?<![{_LETTERS}]-)"
_WORD_ENDS = f"(?![{_LETTERS}0-9]|-[{_CAPITALS}])"
_ADDRESS_BEGINS = "(?<![A-Za-z0-9._%+-])"
_ADDRESS_ENDS = "(?![A-Za-z0-9-]|[.][A-Za-z0-9])"
#: What people put between the digits of a number.
_DIGIT_GAP = "[ \u00a0./-]{0,2}"
_HOME = "420"
_HOME_DIGITS = 9
#: Names of more words are recognised only as they are and with their words moved round.
_SHUFFLED_WORDS = 3


def name_pattern(name: str) -> str:
    """Return what matches the name wherever it stands as a whole; empty for no name."""
    orders = {_in_order(order) for words in _wordings(name) for order in _orders(words)}
    return f"{_WORD_BEGINS}{_one_of(orders)}{_WORD_ENDS}" if orders else ""


def orders_of(name: str) -> set[str]:
    """Return the name with its words in every order that `name_pattern` recognises."""
    return {" ".join(order) for words in _wordings(name) for order in _orders(words)}


def is_telling(name: str) -> bool:
    """Say whether the name is more than one word; a single one may be a word like any other."""
    return any(len(words) > 1 for words in _wordings(name))


def address_pattern(address: str) -> str:
    """Return what matches the e-mail address; empty for none."""
    return f"{_ADDRESS_BEGINS}{_letters(address)}{_ADDRESS_ENDS}" if address else ""


def phone_pattern(phone: str) -> str:
    """Return what matches the number however it is written; empty for none."""
    number = dialable(phone)
    digits = "".join(char for char in number if char.isascii() and char.isdigit())
    if not digits:
        return ""
    if number.startswith("00"):
        digits = digits[2:]
    if digits.startswith(_HOME) and len(digits) == len(_HOME) + _HOME_DIGITS:
        digits = digits.removeprefix(_HOME)
    prefix = "(?:[+]|00)"
    if len(digits) == _HOME_DIGITS:
        prefix = f"(?:{prefix}{_HOME_GAPPED})?"
    return f"(?<![0-9]){prefix}{_DIGIT_GAP.join(digits)}(?![0-9])"


_HOME_GAPPED = _DIGIT_GAP.join(_HOME) + _DIGIT_GAP


def any_of(patterns: Iterable[str]) -> str:
    """Return what matches whatever one of the patterns does; empty, which stands for nothing, when there are none."""
    return "|".join(sorted({pattern for pattern in patterns if pattern}, key=lambda text: (-len(text), text)))


def _wordings(name: str) -> Iterator[tuple[str, ...]]:
    """The words of a name, and the same without titles."""
    words = tuple(tidy(name).replace(",", " ").split())
    without_titles = tuple(word for word in words if "." not in word)
    if words:
        yield words
    if 1 < len(without_titles) < len(words):
        yield without_titles


def _orders(words: Sequence[str]) -> Iterable[tuple[str, ...]]:
    if len(words) <= _SHUFFLED_WORDS:
        return permutations(words)
    return [(*words[place:], *words[:place]) for place in range(len(words))]


def _in_order(words: Iterable[str]) -> str:
    return f",?{_SPACE}+".join(_letters(word) for word in words)


def _one_of(patterns: Iterable[str]) -> str:
    return f"(?:{any_of(patterns)})"


def _letters(text: str) -> str:
    return "".join(_letter(char) for char in text)


def _letter(char: str) -> str:
    """Match one sign in both cases, and a letter without its mark as well."""
    bare = unicodedata.normalize("NFD", char)[0]
    forms = dict.fromkeys(form for one in (char, bare) for form in (one, one.lower(), one.upper()) if len(form) == 1)
    return f"[{''.join(forms)}]" if len(forms) > 1 else re.escape(char)


@dataclass(frozen=True)
class Mask:
    """Puts `replacement` wherever `pattern` matches; an empty pattern matches nothing."""

    pattern: str
    replacement: str

    def text(self, text: str) -> str:
        """Return the text masked."""
        return re.sub(self.pattern, lambda _found: self.replacement, text) if self.pattern else text

    def json(self, value: Any) -> Any:
        """Return a JSON value with every text in it masked; keys stay."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.json(item) for item in value]
        if isinstance(value, dict):
            return {key: self.json(item) for key, item in value.items()}
        return value
