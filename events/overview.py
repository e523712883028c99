"""Short reads for start pages and for objections: events short of people or of a leader, drafts, a person's duties."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from events.models import Assignment, Event, EventTemplate
from events.querysets.staffing import hierarchy
from events.rules.lifecycle import Status

#: So far ahead a coordinator looks for free mandatory positions and for drafts.
HORIZON = timedelta(days=30)
#: An event without a responsible person is urgent this long before it starts.
LEADER_HORIZON = timedelta(days=7)


def _ahead(at: datetime, horizon: timedelta) -> Any:
    coming = Event.objects.not_archived().coming(at, at + horizon)
    return coming.with_master_and_leader().order_by("start", "pk")


def short_staffed(at: datetime) -> Any:
    """Published events running now or in the next 30 days with a free mandatory position, the next one first."""
    return _ahead(at, HORIZON).running().with_staffing().short_of_people()


def leaderless(at: datetime) -> Any:
    """Published events running now or in the next 7 days that nobody is responsible for."""
    return _ahead(at, LEADER_HORIZON).without_responsible_person()


def drafts(at: datetime) -> Any:
    """Drafts of the next 30 days, which nobody can sign up for before they are published."""
    return _ahead(at, HORIZON).filter(status=Status.DRAFT)


def duties_of(person: Any, at: datetime) -> Any:
    """The person's duties that begin at `at` or later, the next one first."""
    return Assignment.objects.of(person).upcoming(at).in_order_of_duty()


def led_by(person: Any, at: datetime) -> Any:
    """Events that the person is responsible for and that are not over."""
    living = Event.objects.not_archived().not_final().not_ended(at)
    return living.filter(responsible_person=person).order_by("start", "pk")


def demanding(qualification: Any) -> Any:
    """Events that are not over and rely on the qualification, so that it cannot be deleted.

    They demand it, or it links a demanded condition to a higher qualification that may stand in for it: without
    the link the higher one would not count any more.
    """
    return _relying_on(qualification, Event.objects.not_final()).order_by("start", "pk")


def templates_demanding(qualification: Any) -> Any:
    """Templates that rely on the qualification in the same way."""
    return _relying_on(qualification, EventTemplate.objects.all()).order_by("name_sort", "pk")


def _relying_on(qualification: Any, plans: Any) -> Any:
    linked = plans.filter(conditions__qualification__in=_linked_through(qualification)).distinct()
    return plans.demanding([qualification.pk]) | linked


def _linked_through(qualification: Any) -> list[int]:
    """Keys of the living qualifications that something stands in for by way of this one."""
    if not qualification.direct_substitutes.living().exists():
        return []
    graph = hierarchy()
    return [key for key, accepted in graph.accepted.items() if qualification.pk in accepted]
