"""Candidates for an event: people in the order in which a planner wants to see them, with what speaks for each.

Both ways of staffing answer with the same `Candidate`. For a position qualified people are offered, on request all;
where conditions describe the demand everybody is, those who help first, those whom no seat is left for last.
A page of people costs a fixed number of queries, however many people there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Protocol

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Prefetch, prefetch_related_objects
from django.utils import timezone

from credentials.models import Holding
from events.querysets.conflicts import conflicts_among, wanted_rest
from events.querysets.qualified_people import not_on, people_able_to_lead, people_to_choose_from
from events.querysets.staffing import held_on
from events.rules.conflicts import Conflicts
from events.rules.joining import Welcome, welcome
from medcover.common.intervals import local_day


@dataclass(frozen=True)
class Candidate:
    """One person, what they can do on the day of duty, and what speaks for and against them."""

    person: Any
    qualifications: list[str]
    conflicts: Conflicts = field(default_factory=Conflicts)
    is_qualified: bool = True
    #: How much conditions want them, and whether they let them at all.
    welcome: Welcome = field(default_factory=Welcome)

    @property
    def needs_reason(self) -> bool:
        """Whether assigning them is an exception, which needs a reason."""
        return bool(self.conflicts) or not self.is_qualified


class Search(Protocol):
    """People who could be put somewhere."""

    def found(self, text: str, *, everyone: bool) -> Any:
        """Return something that a page can be cut of: whoever matches `text`, the best first."""

    def described(self, rows: Iterable[Any]) -> list[Candidate]:
        """Return the candidates of one page of what was found."""


def search_for(event: Any, position: Any | None) -> Search:
    """Return the search for people for a position, or for the whole event where conditions describe the demand."""
    return ForConditions(event) if position is None else ForPosition(event, position)


@dataclass(frozen=True)
class ForPosition:
    """People for one position: the qualified ones; with `everyone` all who are active."""

    event: Any
    position: Any
    rest: timedelta = field(default_factory=wanted_rest)

    def found(self, text: str, *, everyone: bool) -> Any:
        """Return the matching people: those without a conflict first, then by name."""
        return people_to_choose_from(self.position, rest=self.rest, everyone=everyone).matching(text)

    def described(self, rows: Iterable[Any]) -> list[Candidate]:
        """What they hold, and which other duties are too near."""
        return [
            Candidate(person, names, conflicts, is_qualified=person.is_qualified)
            for person, names, conflicts in _facts(self.event, list(rows), self.rest)
        ]


@dataclass(frozen=True)
class Ranked:
    """A person as the conditions see them: what they hold decides, nobody's name does."""

    person: Any
    welcome: Welcome


@dataclass(frozen=True)
class ForConditions:
    """People for an event staffed by conditions, read with staffing: all who are active."""

    event: Any
    rest: timedelta = field(default_factory=wanted_rest)

    def found(self, text: str, *, everyone: bool) -> list[Ranked]:
        """Return the matching people: who helps first, who has no seat last; of each the busy last, then by name."""
        rows = not_on(self.event, get_user_model().objects.active(), rest=self.rest).matching(text)
        ranked = self._ranked(rows.annotate(held=held_on(self.event), could_lead=self._could_lead()))
        return sorted(ranked, key=lambda row: row.welcome.rank)

    def _could_lead(self) -> Exists:
        return Exists(people_able_to_lead(_day_of(self.event)).filter(pk=OuterRef("pk")))

    def _ranked(self, rows: Any) -> list[Ranked]:
        """People who hold the same are judged once. A seat that is offered to somebody may be given away."""
        crew = self.event.crew.without_promises()
        needs_leader = not self.event.staffing.leader_is_valid
        known: dict[tuple[frozenset[int], bool], Welcome] = {}
        found = []
        for person, held, could_lead in rows.values_list("pk", "held", "could_lead"):
            key = (frozenset(held), needs_leader and could_lead)
            if key not in known:
                known[key] = welcome(crew, key[0], would_lead=key[1])
            found.append(Ranked(person, known[key]))
        return found

    def described(self, rows: Iterable[Ranked]) -> list[Candidate]:
        """What they hold, whether they help, why not, and which other duties are too near."""
        ranked = {row.person: row.welcome for row in rows}
        read = get_user_model().objects.in_bulk(list(ranked))
        return [
            Candidate(person, names, conflicts, welcome=ranked[person.pk])
            for person, names, conflicts in _facts(self.event, [read[key] for key in ranked], self.rest)
        ]


def _facts(event: Any, people: list[Any], rest: timedelta) -> Iterator[tuple[Any, list[str], Conflicts]]:
    """Yield each person with the names of what they hold and with their conflicts."""
    holdings = Holding.objects.valid_on(_day_of(event)).select_related("qualification")
    prefetch_related_objects(people, Prefetch("holdings", holdings))
    near = conflicts_among([person.pk for person in people], event, rest=rest)
    for person in people:
        names = [str(held.qualification) for held in person.holdings.all()]
        yield person, names, near.get(person.pk, Conflicts())


def _day_of(event: Any) -> date:
    return local_day(event.start, timezone.get_current_timezone())
