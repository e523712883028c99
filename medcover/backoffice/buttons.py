"""Buttons above the form of a row: what can be done with the row as a whole.

Each is a `<details>` with one sentence about the consequence and a form that posts; the version of the row goes
along, so that nobody acts on a picture that is no longer true. What needs more than one sentence has a page of its
own and is an entry of a menu behind the buttons. `templates/admin/buttons.html` draws both.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class Button:
    """One thing to do.

    `tone` is "main" for the one that usually comes next, "quiet" for others, "danger" for what takes something away.
    """

    label: Promise | str
    url: str
    consequence: Promise | str
    icon: str
    tone: str = "quiet"

    @property
    def anchor(self) -> str:
        """What a link to the opened button ends with: "step-" and the last part of its address."""
        return f"step-{self.url.rstrip('/').rpartition('/')[2]}"


@dataclass(frozen=True)
class Way:
    """A page on which something rarer is done with the row; `tone` is "quiet" or "danger"."""

    label: Promise | str
    url: str
    icon: str
    tone: str = "quiet"


def posted_version(text: str | None) -> int:
    """Read the version that a button was shown with; 0, which no row has, for anything odd."""
    digits = (text or "").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0
