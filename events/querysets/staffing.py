"""Reading events staffed by conditions: the crew, what it holds on the day of duty, and what is demanded of it.

All facts of an event travel with its row, as JSON beside the columns, so that a list costs the same whatever the
mode; the graph of qualifications is one query more. The arithmetic itself is in `rules.coverage`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, Expression, F, JSONField, OuterRef, Value, When
from django.db.models.functions import JSONObject
from django.utils import timezone

from credentials.models import Holding, Qualification
from events.querysets.expressions import duty_day
from events.querysets.people import people_able_to_lead
from events.rules.coverage import Demand, Hierarchy
from events.rules.joining import Crew
from events.rules.staffing import ConditionRow, ConditionStaffing, Mode
from medcover.common.intervals import local_day


@dataclass(frozen=True)
class Participant:
    """A person on an event, and the keys of what they hold on its day."""

    person: UUID
    name: str
    held: frozenset[int]


@dataclass(frozen=True)
class ConditionsRead:
    """What was read of one event staffed by conditions; the people are in order of name."""

    minimum: int
    demanded: list[dict[str, Any]]  # qualification, name, minimum, is_deleted
    people: list[Participant]
    leader_is_valid: bool
    crew: Crew

    @cached_property
    def figures(self) -> ConditionStaffing:
        """How well the conditions are met."""
        covered = self.crew.coverage().rows
        return ConditionStaffing(
            count=len(self.people),
            minimum=self.minimum,
            maximum=self.crew.maximum,
            rows=[self._row(row, got.covered) for row, got in zip(self.demanded, covered, strict=True)],
            leader_is_valid=self.leader_is_valid,
            held_places=len(self.crew.promised),
        )

    def _row(self, row: dict[str, Any], covered: int) -> ConditionRow:
        key, able = row["qualification"], self.crew.hierarchy.satisfies
        names = [person.name for person in self.people if able(person.held, key)]
        return ConditionRow(key, row["name"], row["minimum"], covered, names, row["is_deleted"])


def facts() -> dict[str, Expression]:
    """SQL expressions that carry the facts with the row of an event; empty for an event with positions."""
    return {
        "demand_facts": _only_with_conditions(_demanded()),
        "crew_facts": _only_with_conditions(_people()),
        "promise_facts": _only_with_conditions(_promised()),
        "leader_fact": _only_with_conditions(_leader()),
    }


def _only_with_conditions(expression: Any) -> Case:
    return Case(When(staffing_mode=Mode.CONDITIONS, then=expression), default=Value(None))


def _demanded() -> ArraySubquery:
    from events.models import StaffingCondition

    rows = StaffingCondition.objects.filter(event=OuterRef("pk")).order_by("order", "pk")
    described = JSONObject(
        qualification="qualification_id",
        name="qualification__name",
        minimum="minimum",
        is_deleted="qualification__is_deleted",
    )
    return ArraySubquery(rows.values_list(described), output_field=_json_array())


def _people() -> ArraySubquery:
    from events.models import Assignment

    rows = Assignment.objects.filter(event=OuterRef("pk")).order_by("person__name_sort", "person_id")
    described = JSONObject(person="person_id", name="person__name", held=_held_by_them())
    return ArraySubquery(rows.values_list(described), output_field=_json_array())


def _promised() -> ArraySubquery:
    """People to whom an open offer holds a seat."""
    from events.models import Offer

    rows = Offer.objects.open().filter(event=OuterRef("pk")).order_by("pk")
    described = JSONObject(person="person_id", held=_held_by_them())
    return ArraySubquery(rows.values_list(described), output_field=_json_array())


def _held_by_them() -> ArraySubquery:
    """SQL expression on a row of a person and an event: keys of what the person holds on the event's day."""
    held = Holding.objects.filter(person=OuterRef("person_id")).annotate(day=duty_day(OuterRef("event__start")))
    return ArraySubquery(held.valid_on(F("day")).values("qualification_id"))


def _leader() -> Exists:
    """Whether the responsible person takes part and may lead on the day."""
    able = people_able_to_lead(duty_day(OuterRef(OuterRef("start"))))
    return Exists(able.filter(pk=OuterRef("responsible_person"), assignments__event=OuterRef("pk")))


def _json_array() -> Any:
    from django.contrib.postgres.fields import ArrayField

    return ArrayField(JSONField())


def held_on_duty_by(person: Any) -> ArraySubquery:
    """SQL expression on an event: keys of what the person holds on its day."""
    held = Holding.objects.filter(person=person).annotate(day=duty_day(OuterRef("start"))).valid_on(F("day"))
    return ArraySubquery(held.values("qualification_id"))


def held_on(event: Any) -> ArraySubquery:
    """SQL expression on a person: keys of what they hold on the event's day."""
    held = Holding.objects.filter(person=OuterRef("pk")).valid_on(
        local_day(event.start, timezone.get_current_timezone())
    )
    return ArraySubquery(held.values("qualification_id"))


_kept: ContextVar[list[Hierarchy] | None] = ContextVar("kept hierarchy", default=None)


@contextmanager
def hierarchy_read_once() -> Iterator[None]:
    """Let everything read inside share one reading of the graph; for pages, which change nothing."""
    token = _kept.set([])
    try:
        yield
    finally:
        _kept.reset(token)


def hierarchy() -> Hierarchy:
    """Read the graph of living qualifications."""
    kept = _kept.get()
    if kept is None:
        return _read_hierarchy()
    if not kept:
        kept.append(_read_hierarchy())
    return kept[0]


def _read_hierarchy() -> Hierarchy:
    living: set[int] = set()
    parents: dict[int, list[int]] = defaultdict(list)
    for child, parent in Qualification.objects.living().order_by().values_list("pk", "parents"):
        living.add(child)
        if parent is not None:
            parents[child].append(parent)
    return Hierarchy.of(living, parents)


def attach(events: Iterable[Any]) -> None:
    """Work out the staffing of events that carry the facts; one query, none where no event has conditions."""
    read = [event for event in events if event.by_conditions]
    graph = hierarchy() if read else Hierarchy()
    for event in read:
        event.conditions_read = _worked_out(event, graph)


def _worked_out(event: Any, graph: Hierarchy) -> ConditionsRead:
    people = [
        Participant(UUID(fact["person"]), fact["name"], frozenset(fact["held"] or ())) for fact in event.crew_facts
    ]
    crew = Crew(
        demands=[Demand(row["qualification"], row["minimum"]) for row in event.demand_facts],
        people=[person.held for person in people],
        maximum=event.max_participants,
        hierarchy=graph,
        names={row["qualification"]: row["name"] for row in event.demand_facts},
        promised={row["person"]: frozenset(row["held"]) for row in event.promise_facts},
    )
    return ConditionsRead(
        minimum=event.min_participants,
        demanded=event.demand_facts,
        people=people,
        leader_is_valid=bool(event.leader_fact),
        crew=crew,
    )
