"""Substitutes for an event: people who may sign up, fit, and have no other duty at that time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q
from django.utils import timezone

from credentials.models import Holding
from events.querysets.qualified_people import people_able_to_fill
from events.querysets.waiting import clash_with, people_who_may_sign_up
from medcover.common.intervals import local_day


def people_not_on(event: Any) -> Any:
    """Return the people who may sign up for the event and are not on it."""
    return people_who_may_sign_up(event).exclude(pk__in=event.assignments.values("person"))


def people_for_places(event: Any, positions: Sequence[Any]) -> Any:
    """Return who could take one of the positions, or a seat where the event is staffed by conditions.

    They may sign up, are not on the event and have no duty at its time.
    """
    people = people_not_on(event).exclude(clash_with(event))
    if not event.by_conditions:
        return people.filter(fitting_one_of(positions))
    may_join = cache(event.crew_of_now().may_be_joined_by)
    able = [person.pk for person in with_holdings_on_duty(people, event) if may_join(frozenset(person.held))]
    return people.filter(pk__in=able)


def fitting_one_of(positions: Iterable[Any]) -> Q:
    """SQL condition on a person: they are qualified for one of the positions on its day of duty."""
    fitting = Q(pk__in=[])
    for position in positions:
        fitting |= Q(pk__in=people_able_to_fill(position).order_by().values("pk"))
    return fitting


def with_holdings_on_duty(people: Any, event: Any) -> Any:
    """Carry `held`: the keys of what each person holds on the event's day."""
    day = local_day(event.start, timezone.get_current_timezone())
    held = Holding.objects.valid_on(day).filter(person=OuterRef("pk"))
    return people.annotate(held=ArraySubquery(held.values("qualification")))
