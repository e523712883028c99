"""Typed text as it should be kept: one line, one form, no invisible characters."""

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
