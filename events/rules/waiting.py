"""Waiting list: whom to offer what, until when, and whom to ask when somebody drops out; on plain values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

from events.rules.coverage import Matching
from events.rules.joining import Crew


class OfferState(TextChoices):
    """What has become of an offer."""

    OPEN = "open", pgettext_lazy("offer", "Waits for an answer")
    ACCEPTED = "accepted", pgettext_lazy("offer", "Accepted")
    DECLINED = "declined", pgettext_lazy("offer", "Declined")
    EXPIRED = "expired", pgettext_lazy("offer", "Expired")
    WITHDRAWN = "withdrawn", pgettext_lazy("offer", "Withdrawn")


class HandOverState(TextChoices):
    """What has become of a proposal to hand a duty over."""

    PROPOSED = "proposed", pgettext_lazy("hand-over", "Waits for an answer")
    ACCEPTED = "accepted", pgettext_lazy("hand-over", "Accepted")
    DECLINED = "declined", pgettext_lazy("hand-over", "Declined")
    WITHDRAWN = "withdrawn", pgettext_lazy("hand-over", "Withdrawn")


#: An offer leaves at least this much time, if there is so much left.
SHORTEST = timedelta(minutes=30)


def offer_deadline(at: datetime, start: datetime, hours: int) -> datetime:
    """Return until when an offer made at `at` of a place on an event that begins at `start` can be answered.

    At most `hours` later, and near the start at most half of what is left, so that somebody else can be asked after
    it; but not less than half an hour, and never past the start.
    """
    # Two moments of one zone would be subtracted by the clock on the wall.
    at, start = at.astimezone(UTC), start.astimezone(UTC)
    left = max(start - at, timedelta())
    return at + min(timedelta(hours=hours), max(left / 2, SHORTEST), left)


def is_drop_out(at: datetime, start: datetime, end: datetime, hours: int) -> bool:
    """Say whether leaving at `at` is so late that people have to be told at once: later than `hours` before the start.

    With 0 hours it never is, and after the end it does not matter any more.
    """
    if hours <= 0:
        return False
    return start.astimezone(UTC) - timedelta(hours=hours) < at.astimezone(UTC) < end.astimezone(UTC)


@dataclass(frozen=True)
class Waiting:
    """Somebody of the waiting list: `able` holds the qualifications they could serve as, or those they hold."""

    person: Any
    able: Collection[int] = field(default_factory=frozenset)


@dataclass(frozen=True)
class FreePlace:
    """A position that nobody stands on and that is not offered to anybody."""

    position: int
    demands: Collection[int] = field(default_factory=frozenset)

    def fits(self, person: Waiting) -> bool:
        """Say whether the person is able to serve as everything that the position demands."""
        return set(self.demands) <= set(person.able)


def offers_of_places(places: Sequence[FreePlace], waiting: Sequence[Waiting]) -> list[tuple[Any, int]]:
    """Return to whom which position is to be offered; `waiting` begins with who came first.

    Whoever came earlier is never passed over for somebody later; among the ways to serve them, one is taken that
    serves most people. A person alone gets the first of the places that fit them.
    """
    fitting = [[number for number, person in enumerate(waiting) if place.fits(person)] for place in places]
    matching = Matching(len(waiting), fitting)
    for number in range(len(waiting)):
        matching.fill(number, 1)
    pairs = zip(places, matching.places, strict=True)
    served = {number: place.position for place, number in pairs if number is not None}
    return [(waiting[number].person, served[number]) for number in sorted(served)]


def offers_of_seats(crew: Crew, waiting: Sequence[Waiting]) -> list[Any]:
    """Return to whom the free seats of an event staffed by conditions are to be offered, one seat after the other.

    Each goes to the first who covers what nobody there or promised a seat covers, otherwise to the first for whom
    the seats are not reserved.
    """
    left, chosen = list(waiting), []
    while (found := _next_in_line(crew, left)) is not None:
        chosen.append(found.person)
        left.remove(found)
        crew = crew.promising(found.person, found.able)
    return chosen


def _next_in_line(crew: Crew, waiting: Iterable[Waiting]) -> Waiting | None:
    fitting = [person for person in waiting if crew.may_be_joined_by(person.able)]
    helping = (person for person in fitting if crew.is_helped_by(person.able))
    return next(helping, fitting[0] if fitting else None)


@dataclass(frozen=True)
class Candidate:
    """Somebody who could step in for a person who dropped out."""

    person: Any
    name: str  # sorts as names do
    duties: int  # of late
    waits_since: datetime | None = None
    helps: bool = False  # with what is missing


def ranked(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return the people in the order in which to ask them: who waits for a place, who helps, who has served least."""
    return sorted(candidates, key=_rank)


def _rank(candidate: Candidate) -> tuple[bool, float, bool, int, str]:
    since = candidate.waits_since
    return (since is None, since.timestamp() if since else 0.0, not candidate.helps, candidate.duties, candidate.name)
