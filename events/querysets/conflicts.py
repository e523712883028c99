"""Conflicts: other duties of people at the same time as an event, or with too little rest before or after it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from events.rules.conflicts import Conflicts, conflicts
from medcover.common.intervals import widened
from medcover.common.prepared import KEY, MOMENT, UUID, prepared
from medcover.system.models import SiteSettings


@prepared(lists={"people": UUID}, event=KEY, start=MOMENT, end=MOMENT)
def _other_duties(p: Any) -> Any:
    """Binding assignments of the people between two moments, those on the event aside, the earliest first."""
    from events.models import Assignment

    near = Assignment.objects.filter(person__in=p.people).binding_between(p.start, p.end).exclude(event=p.event)
    return near.select_related("event__master_event").order_by("event__start", "event__pk")


def wanted_rest() -> timedelta:
    """Return the rest that the site wants between two duties of one person; zero when nobody watches it."""
    return timedelta(hours=SiteSettings.current().minimum_rest_hours)


def conflicts_of(person: Any, event: Any, *, rest: timedelta | None = None) -> Conflicts:
    """Return what speaks against a duty of the person on `event`, the earliest first; a warning, never a bar.

    `rest` is what the site wants, for callers that know it already.
    """
    wanted = wanted_rest() if rest is None else rest
    return conflicts_among([person.pk], event, rest=wanted).get(person.pk, Conflicts())


def conflicts_among(people: Iterable[Any], event: Any, *, rest: timedelta) -> Mapping[Any, Conflicts]:
    """Return the same for several people by their keys, in one query; those whom nothing keeps are left out."""
    duties = defaultdict(list)
    start, end = widened(event.start, event.end, by=rest)
    for assignment in _other_duties(people=people, event=event.pk, start=start, end=end):
        duties[assignment.person_id].append(assignment.event)
    return {person: conflicts(event, others, rest=rest) for person, others in duties.items()}
