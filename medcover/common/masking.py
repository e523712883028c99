"""Masking: recognising a person in texts, and putting something else where they stand. Pure.

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
_RUNS = re.compile(f"[{_LETTERS}0-9]+")
#: What no JSON has to write in another way.
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9@._+%-]+")
#: Names of more words are recognised only as they are and with their words moved round.
_SHUFFLED_WORDS = 3


@dataclass(frozen=True)
class Needle:
    """What is looked for: `exact` matches it and nothing else, `rough` is quick and matches wherever it stands.

    A database asks the rough one first, also of JSON as text. No exact pattern stands for nothing at all.
    """

    exact: str = ""
    rough: str = ""

    def __bool__(self) -> bool:
        """Say whether there is anything to look for."""
        return bool(self.exact)

    def is_in(self, text: str) -> bool:
        """Say whether it stands in the text."""
        return bool(self.exact) and re.search(self.exact, text) is not None


def name_needle(name: str) -> Needle:
    """Look for the name wherever it stands as a whole."""
    wordings = list(_wordings(name))
    if not wordings:
        return Needle()
    orders = {_in_order(order) for words in wordings for order in _orders(words)}
    # The last wording is the shortest: its words are in all the others.
    return Needle(f"{_WORD_BEGINS}{_one_of(orders)}{_WORD_ENDS}", _rough(" ".join(wordings[-1])))


def orders_of(name: str) -> set[str]:
    """Return the name with its words in every order that `name_needle` recognises."""
    return {" ".join(order) for words in _wordings(name) for order in _orders(words)}


def is_telling(name: str) -> bool:
    """Say whether the name is more than one word; a single one may be a word like any other."""
    return any(len(words) > 1 for words in _wordings(name))


def address_needle(address: str) -> Needle:
    """Look for the e-mail address."""
    if not address:
        return Needle()
    rough = _letters(address) if _PLAIN_ADDRESS.fullmatch(address) else _rough(address)
    return Needle(f"{_ADDRESS_BEGINS}{_letters(address)}{_ADDRESS_ENDS}", rough)


def phone_needle(phone: str) -> Needle:
    """Look for the number however it is written."""
    number = dialable(phone)
    digits = "".join(char for char in number if char.isascii() and char.isdigit())
    if not digits:
        return Needle()
    if number.startswith("00"):
        digits = digits[2:]
    if digits.startswith(_HOME) and len(digits) == len(_HOME) + _HOME_DIGITS:
        digits = digits.removeprefix(_HOME)
    written = _DIGIT_GAP.join(digits)
    prefix = "(?:[+]|00)"
    if len(digits) == _HOME_DIGITS:
        prefix = f"(?:{prefix}{_DIGIT_GAP.join(_HOME)}{_DIGIT_GAP})?"
    return Needle(f"(?<![0-9]){prefix}{written}(?![0-9])", written)


def any_of(needles: Iterable[Needle]) -> Needle:
    """Look for whatever one of the needles looks for."""
    wanted = [needle for needle in needles if needle]
    rough = [needle.rough for needle in wanted]
    return Needle(_alternatives(needle.exact for needle in wanted), _alternatives(rough) if all(rough) else "")


def _alternatives(patterns: Iterable[str]) -> str:
    return "|".join(sorted(set(patterns), key=lambda text: (-len(text), text)))


def _rough(text: str) -> str:
    """The longest run of letters and digits, which JSON writes as it is; without any, nothing, which is everywhere."""
    return _letters(max(_RUNS.findall(text), key=len, default=""))


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
    return f"(?:{_alternatives(patterns)})"


def _letters(text: str) -> str:
    return "".join(_letter(char) for char in text)


def _letter(char: str) -> str:
    """Match one sign in both cases, and a letter without its mark as well."""
    bare = unicodedata.normalize("NFD", char)[0]
    forms = dict.fromkeys(form for one in (char, bare) for form in (one, one.lower(), one.upper()) if len(form) == 1)
    return f"[{''.join(forms)}]" if len(forms) > 1 else re.escape(char)


@dataclass(frozen=True)
class Mask:
    """Puts `replacement` wherever `needle` stands."""

    needle: Needle
    replacement: str

    def text(self, text: str) -> str:
        """Return the text masked."""
        return re.sub(self.needle.exact, lambda _found: self.replacement, text) if self.needle else text

    def json(self, value: Any) -> Any:
        """Return a JSON value with every text in it masked; keys stay."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.json(item) for item in value]
        if isinstance(value, dict):
            return {key: self.json(item) for key, item in value.items()}
        return value
