"""Conflicts of duties: two of one person's share time, or leave too little rest between them.

Pure. Rest is time that really passes: a night in which the clocks change is an hour shorter or longer than it looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.utils.translation import gettext as _

from medcover.common import formats
from medcover.common.intervals import between


class Duty(Protocol):
    """Whatever has a start and an end."""

    @property
    def start(self) -> datetime:
        """First moment."""

    @property
    def end(self) -> datetime:
        """First moment after it."""


@dataclass(frozen=True)
class ShortRest:
    """Another duty, and the time from `since` to `until` that would be all the rest between the two."""

    event: Any
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Conflicts:
    """What speaks against one more duty: others at the same time, and others too soon before or after it."""

    clashes: list[Any] = field(default_factory=list)
    short_rests: list[ShortRest] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Something speaks against it."""
        return bool(self.clashes or self.short_rests)


def in_words(found: Conflicts, name: str) -> Iterator[str]:
    """Yield a sentence about each of the person's duties that is too near."""
    for other in found.clashes:
        words = {"person": name, "event": other.name}
        yield _("%(person)s is already signed up for the overlapping event %(event)s.") % words
    for rest in found.short_rests:
        words = {"person": name, "event": rest.event.name, "hours": formats.duration(rest.since, rest.until)}
        yield _("%(person)s would have only %(hours)s h of rest between this event and %(event)s.") % words


def conflicts(duty: Duty, others: Iterable[Any], *, rest: timedelta) -> Conflicts:
    """Sort out which of a person's other duties are too near `duty`, in their order; `rest` is what must lie between.

    A `rest` of zero means that nobody watches it: duties that only touch are fine then.
    """
    found = Conflicts()
    for other in others:
        _note(found, other, between(duty.start, duty.end, other.start, other.end), rest)
    return found


def _note(found: Conflicts, other: Any, free: tuple[datetime, datetime] | None, rest: timedelta) -> None:
    if free is None:
        found.clashes.append(other)
    elif free[1] - free[0] < rest:
        found.short_rests.append(ShortRest(other, *free))
