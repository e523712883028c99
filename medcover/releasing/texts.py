"""What a release does to the texts: CHANGELOG for engineers, „Změny ve verzích“ for people. No file is touched here."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

#: What stands above the changes that no version has yet: in CHANGELOG, and for people by language.
UNRELEASED = "Unreleased"
COMING = {"cs": "Chystané změny", "en": "Coming changes"}

_HEADING = re.compile(r"^## (.+)\n", re.MULTILINE)
_RELEASED = re.compile(r"(\d+\.\d+\.\d+) – (\d{4}-\d\d-\d\d)")
#: A line that goes on: the page of a release would show where we have broken it.
_BROKEN = re.compile(r"(?<=\S)\n *(?=[^\s#*|-])")
_NUMBER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")


class Refused(Exception):
    """There is no release now; the text says why."""


def parts_of(number: str) -> tuple[int, int, int]:
    """Return "1.20.3" as (1, 20, 3)."""
    found = _NUMBER.fullmatch(number)
    if not found:
        raise Refused(f"“{number}” is no version; one looks like 1.20.3.")
    major, minor, patch = map(int, found.groups())
    return major, minor, patch


def sections(text: str) -> list[tuple[str, str]]:
    """Return (heading of the second order, what stands below it), in order."""
    _before, *found = _HEADING.split(text)
    return list(zip(found[::2], found[1::2], strict=True))


def released(changelog: str) -> dict[str, date]:
    """Return the versions that CHANGELOG has, with their days, the newest first."""
    found = (_RELEASED.fullmatch(heading) for heading, _body in sections(changelog))
    return {one[1]: date.fromisoformat(one[2]) for one in found if one}


def notes(changelog: str, number: str) -> str:
    """Return what CHANGELOG says about a version, each item on one line."""
    parts_of(number)
    for heading, body in sections(changelog):
        if heading.startswith(f"{number} – "):
            return _BROKEN.sub(" ", body.strip()) + "\n"
    raise Refused(f"CHANGELOG.md has no version {number}.")


def refuse_wrong_order(number: str, current: str, changelog: str) -> None:
    """Refuse a version that does not follow; the first one is that of VERSION."""
    known = released(changelog)
    if number in known:
        raise Refused(f"{number} has been released on {known[number]}.")
    possible = _next(current) if known else [current]
    if number not in possible:
        raise Refused(f"{number} does not follow {current}; possible: {', '.join(possible)}.")


def _next(current: str) -> list[str]:
    major, minor, patch = parts_of(current)
    return [f"{major}.{minor}.{patch + 1}", f"{major}.{minor + 1}.0", f"{major + 1}.0.0"]


def release_changelog(changelog: str, number: str, day: date) -> str:
    """Give what is unreleased the number and the day, and begin anew above it."""
    return _close("CHANGELOG.md", changelog, UNRELEASED, f"{number} – {day}")


def release_changes(changes: str, language: str, number: str, day: date) -> str:
    """The same for people, in one language."""
    return _close(f"changes/{language}.md", changes, COMING[language], f"{number} ({DAYS[language](day)})")


def _close(name: str, text: str, open_heading: str, heading: str) -> str:
    first, body = (sections(text) or [("", "")])[0]
    if first != open_heading:
        raise Refused(f"{name} does not begin with “## {open_heading}”.")
    if "\n- " not in body:
        raise Refused(f"{name} says nothing below “## {open_heading}”.")
    return text.replace(f"## {open_heading}\n", f"## {open_heading}\n\n## {heading}\n", 1)


def _czech(day: date) -> str:
    return f"{day.day}. {day.month}. {day.year}"


def _english(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


#: How people write a day, by language.
DAYS: dict[str, Callable[[date], str]] = {"cs": _czech, "en": _english}
