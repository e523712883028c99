"""Rules of needs, on plain values: how much a group of them asks for, and which template fits an event best."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

#: So many rows the form has of people, and as many of equipment; each for so many at the most.
NEED_ROWS, MOST_NEEDED, WORDS_LIMIT = 3, 99, 120


class Kind(TextChoices):
    """What is needed."""

    PEOPLE = "people", _("People")
    EQUIPMENT = "equipment", pgettext_lazy("need", "Equipment")
    MATERIAL = "material", _("Material")


class State(TextChoices):
    """Whether somebody has seen to it."""

    OPEN = "open", pgettext_lazy("need", "Open")
    DONE = "done", pgettext_lazy("need", "Settled")
    DISMISSED = "dismissed", pgettext_lazy("need", "Dismissed")


class Outcome(TextChoices):
    """What a settled need has become."""

    TEMPLATE = "template", _("Added to a template")
    BOOKED = "booked", _("Taken out of stock")
    KNOWN = "known", _("Was recorded in the stock already")
    STOCKED = "stocked", _("New kind in the stock")
    BY_HAND = "by_hand", _("Settled otherwise")


def asked_for(kind: str, quantities: Iterable[tuple[int, int]]) -> int:
    """Return how much a group of needs asks for, given as pairs of debriefing and quantity.

    What was used up is used up, so it is summed. Of people and equipment most people of a crew miss the same, so it is
    the most that any one of them asks for.
    """
    by_voice: Counter[int] = Counter()
    for voice, quantity in quantities:
        by_voice[voice] += quantity
    return sum(by_voice.values()) if kind == Kind.MATERIAL else max(by_voice.values(), default=0)


def left_to_book(written: int, booked: int) -> int:
    """Return how many of the pieces written in debriefings are not recorded in the stock yet."""
    return max(0, written - booked)


class Traits(NamedTuple):
    """What of an event or a template tells whether they belong together; words are folded."""

    kind: str
    mode: str
    words: frozenset[str]


def likeness(event: Traits, template: Traits) -> tuple[bool, int, bool]:
    """Return how well a template fits an event, to be compared: the type, words of the name in common, the mode."""
    common = event.words & template.words
    return event.kind == template.kind, len(common), event.mode == template.mode


def best_template(event: Traits, templates: Sequence[tuple[int, Traits]]) -> int | None:
    """Return the key of the template that fits best, the first of equals; None where none is of its type."""
    fitting = [(key, traits) for key, traits in templates if traits.kind == event.kind]
    return max(fitting, key=lambda pair: likeness(event, pair[1]))[0] if fitting else None


def words_of(*names: str) -> frozenset[str]:
    """Return the words of folded names that are long enough to say something."""
    return frozenset(word for name in names for word in name.split() if len(word) > 2)
