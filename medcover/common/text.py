"""Normalising typed text: as it should be kept (one line, no invisible characters), searched for, or read as a key."""

from __future__ import annotations

import unicodedata

# Control characters (PostgreSQL refuses NUL), invisible formatting marks, lone halves of surrogate pairs.
_UNWANTED = frozenset({"Cc", "Cf", "Cs"})


def tidy(text: str) -> str:
    """Return `text` as one line: composed characters, single spaces, nothing invisible, no outer spaces."""
    visible = "".join(char for char in text if char.isspace() or unicodedata.category(char) not in _UNWANTED)
    return unicodedata.normalize("NFC", " ".join(visible.split()))


def tidy_lines(text: str) -> str:
    """Return `text` with every line tidied and blank lines at both ends removed; line breaks stay."""
    return "\n".join(tidy(line) for line in text.splitlines()).strip("\n")


#: More words nobody types to find somebody; each costs the database a condition.
MAX_WORDS = 12


def words_to_find(text: str) -> list[str]:
    """Return the different words of what was typed into a search box, so many at the most."""
    return list(dict.fromkeys(text.split()))[:MAX_WORDS]


def key_in(text: str | None) -> int:
    """Read a row's key as it stands in an address or a form; 0, which no row has, for anything odd."""
    digits = (text or "").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < len(str(2**63)) else 0
