"""The demo data as such, before anything is built: true on every day of the week and at every hour."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import combinations

import pytest

from credentials.rules import ancestors
from events.demo.build import EVENTS
from events.demo.event_specs import DemoConditions, DemoEvent, Stage
from events.demo.organisation import MASTERS, PEOPLE, QUALIFICATIONS
from events.demo.past import COMPLETED, RUNNING
from events.rules.coverage import Demand, Hierarchy
from events.rules.joining import Crew
from events.rules.plans import PlannedConditions, PlannedPosition, conditions_problem, positions_problem
from events.tests.factories import PRAGUE
from medcover.common.intervals import local_day, overlaps

MOMENTS = [datetime(2026, 11, 16 + day, hour, 20, tzinfo=PRAGUE) for day in range(7) for hour in (0, 12, 23)]
# The nights on which the clocks change are days like others.
MOMENTS += [datetime(2026, 10, 24, 23, tzinfo=PRAGUE), datetime(2027, 3, 27, 23, tzinfo=PRAGUE)]

KEYS = {row.name: key for key, row in enumerate(QUALIFICATIONS, start=1)}
HIERARCHY = Hierarchy.of(
    KEYS.values(), {KEYS[row.name]: [KEYS[name] for name in row.direct_substitutes] for row in QUALIFICATIONS}
)
GRAPH = {row.name: row.direct_substitutes for row in QUALIFICATIONS}
LEADING = {row.name for row in QUALIFICATIONS if row.can_lead}
HOLDS = {person.key: person.holds for person in PEOPLE}

#: The two that are meant to overlap, for showing the warning.
CLASH = {"Cyklozávod Hostivař", "Závody dračích lodí Podolí"}


@pytest.fixture(params=MOMENTS, ids=lambda moment: f"{moment:%a %d.%m. %H}")
def now(request) -> datetime:
    return request.param


def of_stage(*stages: Stage) -> list[DemoEvent]:
    return [event for event in EVENTS if event.stage in stages]


def test_every_name_stands_for_one_thing():
    for names in ([event.name for event in EVENTS], [person.key for person in PEOPLE], [p.name for p in PEOPLE]):
        assert Counter(names).most_common(1)[0][1] == 1


def test_names_that_are_referred_to_exist():
    keys, masters = set(HOLDS), {master.name for master in MASTERS}
    assert {key for event in EVENTS for key in event.crew} <= keys
    assert {key for event in EVENTS for key in (*event.waiting, *event.dropped_out, *(event.hand_over or ()))} <= keys
    assert {event.master for event in EVENTS} <= masters
    assert {name for event in EVENTS for seat in event.seats for name in seat.qualifications} <= set(GRAPH)
    planned = [event.conditions for event in EVENTS if event.conditions]
    assert {name for plan in planned for name in (*plan.demands, *plan.afterthought)} <= set(GRAPH)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_every_plan_is_good(event):
    assert len(set(event.crew)) == len(event.crew)
    if event.conditions:
        assert not event.seats
        wanted = event.conditions.demands
        assert conditions_problem(planned(event.conditions, wanted)) is None
        assert conditions_problem(planned(event.conditions, {**wanted, **event.conditions.afterthought})) is None
    else:
        seats = [PlannedPosition(seat.is_optional, bool(LEADING & set(seat.qualifications))) for seat in event.seats]
        assert positions_problem(seats) is None


def planned(conditions: DemoConditions, demands: Mapping[str, int]) -> PlannedConditions:
    return PlannedConditions(
        minimum=conditions.minimum,
        maximum=conditions.maximum,
        demands=[Demand(KEYS[name], count) for name, count in demands.items()],
        participants=len(conditions.people),
        leading={KEYS[name] for name in LEADING},
        hierarchy=HIERARCHY,
    )


def test_what_is_over_is_over_and_what_runs_runs(now):
    for event in COMPLETED:
        assert event.span(now, PRAGUE)[1] <= now, event.name
    for event in RUNNING:
        start, end = event.span(now, PRAGUE)
        assert start <= now < end, event.name


def test_what_takes_sign_ups_is_still_to_come(now):
    for event in of_stage(Stage.OPEN, Stage.CLOSED_BY_HAND, Stage.PUBLISHED):
        assert event.span(now, PRAGUE)[1] > now, event.name


def test_sign_ups_of_the_published_open_later(now):
    for event in of_stage(Stage.PUBLISHED):
        start, _end = event.span(now, PRAGUE)
        assert now < start - timedelta(days=event.opens_before) < start, event.name


def test_everybody_is_qualified_for_their_place_on_its_day(now):
    for event in EVENTS:
        day = (local_day(event.span(now, PRAGUE)[0], PRAGUE) - local_day(now, PRAGUE)).days
        for seat in event.seats:
            valid = valid_on(day, seat.taken_by)
            for wanted in seat.qualifications if seat.taken_by else ():
                assert valid & (ancestors(GRAPH, wanted) | {wanted}), (event.name, seat)


def valid_on(day: int, key: str) -> set[str]:
    """What the person holds so many days from today."""
    return {name for name, until in HOLDS.get(key, {}).items() if until is None or day <= until}


def test_everybody_gets_a_seat_in_their_turn_where_there_are_conditions(now):
    for event in EVENTS:
        if not event.conditions:
            continue
        day = (local_day(event.span(now, PRAGUE)[0], PRAGUE) - local_day(now, PRAGUE)).days
        demands = [Demand(KEYS[name], count) for name, count in event.conditions.demands.items()]
        crew = Crew(demands, [], event.conditions.maximum, HIERARCHY)
        for key in event.conditions.people:
            held = {KEYS[name] for name in valid_on(day, key)}
            assert crew.may_be_joined_by(held), (event.name, key)
            crew = crew.joined_by(held)


def test_a_quarter_of_the_events_are_staffed_by_conditions():
    assert 10 <= sum(event.conditions is not None for event in EVENTS) <= 15


def test_nobody_waits_for_or_takes_over_what_they_do_already():
    for event in EVENTS:
        giver, substitute = event.hand_over or (None, None)
        assert not set(event.crew) & {*event.waiting, substitute}
        assert giver is None or giver in event.crew


def test_only_the_two_that_are_meant_to_overlap_do(now):
    duties = defaultdict(list)
    for event in EVENTS:
        for key in event.crew:
            duties[key].append((event.name, *event.span(now, PRAGUE)))
    clashing = {
        frozenset({first[0], second[0]})
        for person in duties.values()
        for first, second in combinations(person, 2)
        if overlaps(*first[1:], *second[1:])
    }
    assert clashing == {frozenset(CLASH)}
