"""Finding a written name among known people, without guessing between two of the same name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from medcover.common.text import tidy

Key = TypeVar("Key", bound=Hashable)


class Closeness(StrEnum):
    """How a written name met a known one, closest first."""

    EXACT = "exact"
    ANY_CASE = "any_case"
    REVERSED = "reversed"
    REVERSED_ANY_CASE = "reversed_any_case"


@dataclass(frozen=True)
class Match(Generic[Key]):
    """The answer to one name: one person, several of that name (`rivals`, none chosen), or nobody."""

    key: Key | None = None
    closeness: Closeness | None = None
    rivals: tuple[Key, ...] = ()

    @property
    def found(self) -> bool:
        """Exactly one person bears the name."""
        return self.key is not None

    @property
    def ambiguous(self) -> bool:
        """More than one person bears the name."""
        return bool(self.rivals)

    @property
    def approximate(self) -> bool:
        """One person was found, but is written differently; worth a warning."""
        return self.found and self.closeness is not Closeness.EXACT


class NameBook(Generic[Key]):
    """Known people by name, for many look-ups."""

    def __init__(self, known: Iterable[tuple[Key, str]]) -> None:
        self._exact: dict[str, list[Key]] = defaultdict(list)
        self._any_case: dict[str, list[Key]] = defaultdict(list)
        for key, name in known:
            self.add(key, name)

    def add(self, key: Key, name: str) -> None:
        """Note that somebody is called so, too."""
        written = tidy(name)
        for book, spelling in ((self._exact, written), (self._any_case, written.casefold())):
            if key not in book[spelling]:
                book[spelling].append(key)

    def find(self, name: str) -> Match[Key]:
        """Match exactly, then in any case, then with two words swapped, exactly and in any case.

        The first step that meets anybody decides, also when it meets more than one.
        """
        written = tidy(name)
        swapped = _swapped(written)
        for closeness, book, spelling in (
            (Closeness.EXACT, self._exact, written),
            (Closeness.ANY_CASE, self._any_case, written.casefold()),
            (Closeness.REVERSED, self._exact, swapped),
            (Closeness.REVERSED_ANY_CASE, self._any_case, swapped.casefold()),
        ):
            keys = book.get(spelling, []) if spelling else []
            if keys:
                return Match(keys[0], closeness) if len(keys) == 1 else Match(rivals=tuple(keys))
        return Match()


def match_name(name: str, known: Iterable[tuple[Key, str]]) -> Match[Key]:
    """Look up one name among (key, name) pairs; see `NameBook.find`."""
    return NameBook(known).find(name)


def person_key(name: str) -> tuple[str, ...]:
    """Return what all spellings have in common that `NameBook.find` takes for one name."""
    words = tuple(tidy(name).casefold().split())
    return tuple(sorted(words)) if len(words) == 2 else words


def is_name(text: str) -> bool:
    """Say whether the text can name a person: it holds at least one letter."""
    return any(char.isalpha() for char in text)


def _swapped(name: str) -> str:
    words = name.split()
    return f"{words[1]} {words[0]}" if len(words) == 2 else ""
