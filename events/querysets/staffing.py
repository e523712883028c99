"""Staffing by conditions, as read: the crew, what it holds on the day of duty, and what is demanded of it.

The facts are fetched for the events at hand, by one plain query for each kind of fact, and none where no event has
conditions. The arithmetic itself is in `rules.coverage`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, Expression, F, OuterRef, Value, When
from django.utils import timezone

from credentials.models import Holding, Qualification
from events.querysets.expressions import duty_day
from events.rules.coverage import Demand, Hierarchy
from events.rules.joining import Crew
from events.rules.staffing import ConditionRow, ConditionStaffing
from medcover.common.intervals import local_day
from medcover.common.prepared import KEY, prepared


@dataclass(frozen=True)
class Participant:
    """A person on an event, and the keys of what they hold on its day."""

    person: UUID
    name: str
    held: frozenset[int]


class Demanded(NamedTuple):
    """A condition of an event, with the name of its qualification."""

    qualification: int
    name: str
    minimum: int
    is_deleted: bool


@dataclass(frozen=True)
class ConditionsRead:
    """What was read of one event staffed by conditions; the people are in order of name."""

    minimum: int
    demanded: list[Demanded]
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

    def _row(self, row: Demanded, covered: int) -> ConditionRow:
        able = self.crew.hierarchy.satisfies
        names = [person.name for person in self.people if able(person.held, row.qualification)]
        return ConditionRow(row.qualification, row.name, row.minimum, covered, names, row.is_deleted)


@dataclass(frozen=True)
class _Facts:
    """What was read of some events, each kind by the key of the event."""

    demanded: Mapping[int, list[Demanded]]
    people: Mapping[int, list[Participant]]
    promised: Mapping[int, dict[str, frozenset[int]]]
    #: What the responsible person holds, where they take part and may sign up at all.
    leaders: dict[int, frozenset[int]]


def _read_facts(events: Sequence[Any], promising: Sequence[int]) -> _Facts:
    """Read the facts of the events; those of the keys `promising` may have open offers."""
    facts = _Facts(_demanded([event.pk for event in events]), defaultdict(list), defaultdict(dict), {})
    for row in _people_of(events, promising):
        held = frozenset(row.held)
        if row.is_promised:
            facts.promised[row.event_id][str(row.person_id)] = held
        else:
            facts.people[row.event_id].append(Participant(row.person_id, row.name, held))
        if row.may_lead:
            facts.leaders[row.event_id] = held
    return facts


def _demanded(events: list[int]) -> Mapping[int, list[Demanded]]:
    found = defaultdict(list)
    for event, *row in _conditions(events=events):
        found[event].append(Demanded(*row))
    return found


@prepared(lists={"events": KEY})
def _conditions(p: Any) -> Any:
    from events.models import StaffingCondition

    rows = StaffingCondition.objects.filter(event__in=p.events).order_by("event", "order", "pk")
    return rows.values_list(
        "event_id", "qualification_id", "qualification__name", "minimum", "qualification__is_deleted"
    )


def _people_of(events: Sequence[Any], promising: Sequence[int]) -> Any:
    """The people on the events, in order of name, and those to whom open offers hold a seat; one query."""
    keys = [event.pk for event in events]
    return _with_promised(events=keys, promising=promising) if promising else _signed_up(events=keys)


@prepared(lists={"events": KEY})
def _signed_up(p: Any) -> Any:
    return _assigned(p.events).order_by("name_sort", "person_id")


@prepared(lists={"events": KEY, "promising": KEY})
def _with_promised(p: Any) -> Any:
    from events.models import Offer

    promised = Offer.objects.open().filter(event__in=p.promising).order_by()
    people = _assigned(p.events).union(_described(promised, may_lead=Value(False), is_promised=True), all=True)
    return people.order_by("name_sort", "person_id")


def _assigned(events: Any) -> Any:
    from events.models import Assignment

    return _described(Assignment.objects.filter(event__in=events), may_lead=_may_lead())


def _described(rows: Any, *, may_lead: Expression, is_promised: bool = False) -> Any:
    described = {"name": F("person__name"), "name_sort": F("person__name_sort"), "held": _held_by_them()}
    columns = ("event_id", "person_id", "name", "name_sort", "held", "may_lead", "is_promised")
    return rows.annotate(**described, may_lead=may_lead, is_promised=Value(is_promised)).values_list(
        *columns, named=True
    )


def _held_by_them() -> ArraySubquery:
    """SQL expression on a row of a person and an event: keys of what the person holds on the event's day."""
    held = Holding.objects.filter(person=OuterRef("person_id")).annotate(day=duty_day(OuterRef("event__start")))
    return ArraySubquery(held.valid_on(F("day")).values("qualification_id"))


def _may_lead() -> Case:
    """SQL expression on an assignment: its person is the responsible one and may sign up, whatever they hold."""
    entitled = get_user_model().objects.holding_permission("events.assign_own").filter(pk=OuterRef("person_id"))
    return Case(When(person=F("event__responsible_person"), then=Exists(entitled)), default=Value(False))


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


@dataclass
class _Reading:
    """What one page has read already: the graph, and the events whose conditions are worked out, by key."""

    hierarchy: Hierarchy | None = None
    conditions: dict[int, ConditionsRead] = field(default_factory=dict)


_reading: ContextVar[_Reading | None] = ContextVar("staffing read by a page", default=None)


@contextmanager
def staffing_read_once() -> Iterator[None]:
    """Let everything inside share one reading of the graph and of each event's conditions; for what changes nothing."""
    token = _reading.set(_reading.get() or _Reading())
    try:
        yield
    finally:
        _reading.reset(token)


def hierarchy() -> Hierarchy:
    """Read the graph of living qualifications."""
    reading = _reading.get() or _Reading()
    if reading.hierarchy is None:
        reading.hierarchy = _read_hierarchy()
    return reading.hierarchy


def _read_hierarchy() -> Hierarchy:
    living: dict[int, bool] = {}
    parents: dict[int, list[int]] = defaultdict(list)
    for child, can_lead, parent in _links():
        living[child] = can_lead
        if parent is not None:
            parents[child].append(parent)
    return Hierarchy.of(living, parents, leading=[key for key, can_lead in living.items() if can_lead])


@prepared()
def _links(_p: Any) -> Any:
    return Qualification.objects.living().order_by().values_list("pk", "can_lead", "direct_substitutes")


def has_seat_for(person: Any, event: Any) -> bool:
    """Say whether an event staffed by conditions has a seat for the person; it carries its staffing and their part."""
    return bool(event.by_conditions and event.crew.met_by(person.pk).may_be_joined_by(event.my_holdings))


def attach(events: Iterable[Any]) -> None:
    """Let the rows of events carry their staffing; a fixed number of queries, none where no event has conditions."""
    reading = _reading.get() or _Reading()
    by_conditions = []
    for event in events:
        event.carries_staffing = True
        if event.by_conditions:
            by_conditions.append(event)
    _work_out([event for event in by_conditions if event.pk not in reading.conditions], reading)
    for event in by_conditions:
        event.conditions_read = reading.conditions[event.pk]


def conditions_of_now(event: Any) -> ConditionsRead:
    """Work the conditions of one event out anew, whatever its row and the page say about people and offers."""
    return _worked_out(event, _read_facts([event], [event.pk]), hierarchy())


def _work_out(events: Sequence[Any], reading: _Reading) -> None:
    if events:
        facts = _read_facts(events, [event.pk for event in events if event.held_places])
        graph = hierarchy()
        reading.conditions.update({event.pk: _worked_out(event, facts, graph) for event in events})


def _worked_out(event: Any, facts: _Facts, graph: Hierarchy) -> ConditionsRead:
    demanded, people = facts.demanded[event.pk], facts.people[event.pk]
    crew = Crew(
        demands=[Demand(row.qualification, row.minimum) for row in demanded],
        people=[person.held for person in people],
        maximum=event.max_participants,
        hierarchy=graph,
        names={row.qualification: row.name for row in demanded},
        promised=facts.promised[event.pk],
    )
    return ConditionsRead(
        minimum=event.min_participants,
        demanded=demanded,
        people=people,
        leader_is_valid=not graph.leading.isdisjoint(facts.leaders.get(event.pk, ())),
        crew=crew,
    )
