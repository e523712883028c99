"""Words that stand in confidential answers and nowhere else, and how they are found in what the site answers."""

from __future__ import annotations

import gzip
import io
import zipfile
from typing import Any

from debriefing.rules import TEXTS

MARKS = {name: f"xutajeno{number}qj" for number, name in enumerate(TEXTS)}
#: The words of the choice: also that something was noted is confidential.
CHOICE = ("popíšu to níže", "i describe it below")


def marks_in(text: str) -> list[str]:
    """Return the words of answers that stand in a text."""
    return [mark for mark in MARKS.values() if mark in text.lower()]


def hints_in(text: str) -> list[str]:
    """Return the words of answers, and those of the choice, that stand in a text."""
    return [*marks_in(text), *(words for words in CHOICE if words in text.lower())]


def body_of(answer: Any) -> str:
    """Return what an answer says: text, and what is packed into workbooks and archives."""
    raw = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if raw[:2] == b"\x1f\x8b":
        raw = gzip.decompress(raw)
    if raw[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            raw = b"".join(packed.read(name) for name in packed.namelist())
    return raw.decode("utf-8", "replace")
