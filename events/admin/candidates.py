"""Who could take a position: one page of people with what a coordinator needs to choose."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.http import QueryDict
from django.utils import timezone

from credentials.models import Holding
from events.models import Assignment, Event, Position
from events.querysets import people_to_choose_from
from medcover.common.intervals import local_day
from medcover.common.paging import page_query, slice_of

PER_PAGE = 25


@dataclass(frozen=True)
class Candidate:
    """One person, what they can do on the day of duty, and their duties at the same time."""

    person: Any
    qualifications: list[str]
    clashes: list[Event]


def page_of(event: Event, position: Position, params: QueryDict) -> dict[str, Any]:
    """Return what the page of candidates shows: those found, the pager, and what was asked."""
    everyone, text = params.get("everyone") == "1", params.get("q", "").strip()
    people = people_to_choose_from(position, everyone=everyone).matching(text)
    found = slice_of(people.prefetch_related(_holdings_on_duty(event)), params.get("page"), PER_PAGE)
    return {
        "candidates": _candidates(event, found.page),
        "found": found,
        "text": text,
        "everyone": everyone,
        "previous": page_query(params, found.number - 1) if found.page.has_previous() else "",
        "next": page_query(params, found.number + 1) if found.page.has_next() else "",
    }


def _holdings_on_duty(event: Event) -> Prefetch:
    day = local_day(event.start, timezone.get_current_timezone())
    return Prefetch("holdings", Holding.objects.valid_on(day).select_related("qualification"))


def _candidates(event: Event, page: Iterable[Any]) -> list[Candidate]:
    people = list(page)
    clashes = _clashes(event, people)
    return [
        Candidate(person, [str(held.qualification) for held in person.holdings.all()], clashes.get(person.pk, []))
        for person in people
    ]


def _clashes(event: Event, people: list[Any]) -> Mapping[Any, list[Event]]:
    found: dict[Any, list[Event]] = defaultdict(list)
    clashing = Assignment.objects.filter(person__in=people).clashing_with(event).select_related("event")
    for assignment in clashing.order_by("event__start"):
        found[assignment.person_id].append(assignment.event)
    return found
