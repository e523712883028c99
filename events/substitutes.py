"""Substitutes, best first, for the mail to the responsible person and for hand-overs; reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from itertools import islice
from typing import Any

from django.db.models import Q

from events.models import Event, Position
from events.querysets.substitutes import fitting_one_of, people_not_on, with_holdings_on_duty
from events.querysets.waiting import clash_with, duties_between, in_queue_of
from events.rules.waiting import Candidate, ranked
from events.services.crew import held_on_duty
from medcover.common.czech import fold
from medcover.common.text import words_to_find

#: Whoever served least in this time is asked first.
RECENT = timedelta(days=90)
#: Letters from which on somebody is looked for by name.
MIN_QUERY_LENGTH = 2


@dataclass(frozen=True)
class Substitute:
    """One person who could be asked, and what speaks for them."""

    person: Any
    waits: bool
    helps: bool
    has_clash: bool
    duties: int


def people_to_ask(
    event: Event, positions: Collection[Position], *, at: datetime, exclude: Collection[Any] = (), limit: int = 10
) -> list[Substitute]:
    """Return who could take one of the positions, or a seat of an event staffed by conditions, the best to ask first.

    Who waits for a place comes first, in order, then who helps with what is missing, then who had fewest duties
    lately. People with a duty at that time are left out unless they wait for a place; so are those in `exclude`.
    """
    people = people_not_on(event).exclude(pk__in=exclude)
    people = people.annotate(
        has_clash=clash_with(event), waits_since=in_queue_of(event), duties=duties_between(at - RECENT, at)
    ).filter(Q(has_clash=False) | Q(waits_since__isnull=False))
    found = _for_seat(event, people) if event.by_conditions else _for_places(people, positions)
    return [
        Substitute(row.person, row.waits_since is not None, row.helps, row.person.has_clash, row.duties)
        for row in ranked(found)[:limit]
    ]


def substitutes_for(assignment: Any, text: str, *, limit: int = 10) -> list[Any]:
    """Return the people of this name who could take the duty over, in order of name; carries `has_clash`.

    A name too short to mean anybody finds nobody: no page lists everybody.
    """
    words = words_to_find(fold(text))
    if sum(map(len, words)) < MIN_QUERY_LENGTH:
        return []
    people = people_not_on(assignment.event).annotate(has_clash=clash_with(assignment.event)).by_name()
    for word in words:
        people = people.filter(name_search__contains=word)
    if assignment.position is not None:
        return list(people.filter(fitting_one_of([assignment.position]))[:limit])
    return list(islice(_passable(assignment, people), limit))


def _passable(assignment: Any, people: Any) -> Iterator[Any]:
    """Yield the people to whom a seat may pass without making the plan of the event worse."""
    event = assignment.event
    leaving = held_on_duty(event, assignment.person)
    may_pass = cache(partial(event.crew_of_now().may_pass, leaving))
    return (person for person in with_holdings_on_duty(people, event) if may_pass(frozenset(person.held)))


def _for_places(people: Any, positions: Collection[Position]) -> Sequence[Candidate]:
    return [_candidate(person, helps=True) for person in people.filter(fitting_one_of(positions))]


def _for_seat(event: Event, people: Any) -> Sequence[Candidate]:
    crew = event.crew_of_now().without_promises()
    may_join, helps = cache(crew.may_be_joined_by), cache(crew.is_helped_by)
    rows = [(person, frozenset(person.held)) for person in with_holdings_on_duty(people, event)]
    return [_candidate(person, helps=helps(held)) for person, held in rows if may_join(held)]


def _candidate(person: Any, *, helps: bool) -> Candidate:
    return Candidate(person, person.name_sort, person.duties, person.waits_since, helps)
