"""What is new for people in each version: written by hand in `changes/`, one file for each language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.safestring import SafeString, mark_safe
from markdown import markdown

_FOLDER = Path(__file__).with_name("changes")
_LANGUAGES = ("cs", "en")
#: A heading of the second order begins a version: its number and day, or the words for what is coming.
_VERSION = re.compile(r"^## (.+)$", re.MULTILINE)
_SECTION = re.compile(r"^### (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Section:
    """What was added, changed or mended, as a list in HTML."""

    title: str
    items: SafeString


@dataclass(frozen=True)
class Version:
    """One version; what is coming has no number."""

    title: str
    number: str
    sections: tuple[Section, ...]


@cache
def versions(language: str) -> tuple[Version, ...]:
    """Return all versions that say something, the newest first, in a language; in Czech where there is no other."""
    code = language[:2] if language[:2] in _LANGUAGES else "cs"
    text = (_FOLDER / f"{code}.md").read_text(encoding="utf-8")
    # Just after a release nothing is coming yet; its heading waits for what will be.
    return tuple(one for title, body in _parts(_VERSION, text) if (one := _version(title, body)).sections)


def _version(title: str, body: str) -> Version:
    number = re.search(r"\d+\.\d+\.\d+", title)
    return Version(title, number[0] if number else "", tuple(_sections(body)))


def _sections(body: str) -> Iterator[Section]:
    # The text is ours, part of the program.
    for title, items in _parts(_SECTION, body):
        yield Section(title, mark_safe(markdown(items, output_format="html")))  # noqa: S308


def _parts(heading: re.Pattern[str], text: str) -> Iterator[tuple[str, str]]:
    _before, *found = heading.split(text)
    yield from zip(found[::2], found[1::2], strict=True)
