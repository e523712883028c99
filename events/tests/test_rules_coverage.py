"""The coverage of conditions, against the definition and against brute force."""

from __future__ import annotations

from itertools import permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.rules.coverage import Covered, Demand, Hierarchy, cover
from events.rules.joining import Crew, Seats, may_join

DOCTOR, MEDIC, DRIVER, PARAMEDIC = 1, 2, 3, 4
USUAL = Hierarchy.of([DOCTOR, MEDIC, DRIVER], {MEDIC: [DOCTOR]})
ROWS = [Demand(DOCTOR, 1), Demand(MEDIC, 1), Demand(DRIVER, 1)]


def covered(crew, demands=ROWS, hierarchy=USUAL):
    return [row.covered for row in cover(demands, crew, hierarchy).rows]


@pytest.mark.parametrize(
    ("crew", "expected"),
    [
        ([], [0, 0, 0]),
        ([{DOCTOR, DRIVER}], [1, 0, 1]),
        ([{DOCTOR, DRIVER}, {DOCTOR}], [1, 1, 1]),
        ([{MEDIC}, {MEDIC}], [0, 1, 0]),
        ([{MEDIC}, {DOCTOR}], [1, 1, 0]),
        ([set(), {DRIVER}], [0, 0, 1]),
    ],
)
def test_a_person_counts_once_in_a_hierarchy_and_again_in_another(crew, expected):
    assert covered(crew) == expected


def test_the_highest_demand_is_served_first_whatever_the_order_of_rows():
    assert covered([{DOCTOR}], [Demand(MEDIC, 1), Demand(DOCTOR, 1)]) == [0, 1]


def test_people_are_moved_to_make_room_but_nothing_covered_is_given_up():
    chain = Hierarchy.of([1, 2, 3, 4], {2: [1], 3: [2], 4: [1]})
    demands = [Demand(3, 1), Demand(2, 1), Demand(4, 1)]
    assert covered([{1}, {2}, {2}], demands, chain) == [1, 1, 1]


def test_deleted_qualifications_cut_the_hierarchy_and_are_never_covered():
    cut = Hierarchy.of([DOCTOR, MEDIC], {MEDIC: [PARAMEDIC], PARAMEDIC: [DOCTOR]})
    assert covered([{DOCTOR}], [Demand(MEDIC, 1)], cut) == [0]
    assert covered([{PARAMEDIC}], [Demand(PARAMEDIC, 1)], cut) == [0]
    assert cut.group[MEDIC] != cut.group[DOCTOR]


def test_a_row_says_what_it_lacks():
    assert Covered(Demand(DOCTOR, 3), 1).deficit == 2
    coverage = cover(ROWS, [{DOCTOR}], USUAL)
    assert (coverage.deficit, coverage.covered) == (2, 1)


# --- against brute force ---------------------------------------------------------------------------------


def hierarchy_by(chance: Random):
    """Up to five qualifications with links from later to earlier ones, so that there is no cycle; some deleted."""
    keys = range(1, chance.randint(1, 5) + 1)
    parents = {child: some(chance, range(1, child)) for child in keys}
    return Hierarchy.of(some(chance, keys) or {1}, parents), keys


def some(chance: Random, keys, *, most=5):
    return frozenset(chance.sample(keys, chance.randint(0, min(len(keys), most))))


def case_by(chance: Random):
    """A hierarchy, distinct demands of small size, and up to five people."""
    hierarchy, keys = hierarchy_by(chance)
    rows = chance.sample(keys, chance.randint(0, min(len(keys), 4)))
    demands = [Demand(key, chance.randint(1, 3)) for key in rows]
    crew = [some(chance, keys, most=3) for _n in range(chance.randint(0, 5))]
    return hierarchy, demands, crew


#: Cases that can be made smaller when one fails.
CASES = st.builds(case_by, st.randoms(use_true_random=False))


def brute(demands, crew, hierarchy):
    """By definition: of all ways to place people, the one that is best for the highest demand, then the next, …"""
    result = {}
    for group in {hierarchy.group.get(demand.qualification, -1) for demand in demands}:
        rows = [demand for demand in demands if hierarchy.group.get(demand.qualification, -1) == group]
        rows.sort(key=lambda row: (len(hierarchy.accepted.get(row.qualification, ())), row.qualification))
        best = max(_ways(rows, crew, hierarchy))
        result |= {row.qualification: count for row, count in zip(rows, best, strict=True)}
    return [result[demand.qualification] for demand in demands]


def _ways(rows, crew, hierarchy):
    """Every reachable vector of covered units by row, by trying for each person every row or none."""
    reached = {tuple(0 for _row in rows)}
    for held in crew:
        fits = [n for n, row in enumerate(rows) if hierarchy.satisfies(held, row.qualification)]
        reached |= {
            tuple(count + (n == row) for n, count in enumerate(state))
            for state in reached for row in fits if state[row] < rows[row].minimum
        }  # fmt: skip
    return reached


@given(CASES)
def test_the_result_is_the_best_there_is(case):
    hierarchy, demands, crew = case
    assert covered(crew, demands, hierarchy) == brute(demands, crew, hierarchy)


@settings(max_examples=100)
@given(st.integers(0, 2**64))
def test_the_result_is_the_best_there_is_in_many_more_cases(seed):
    """A hundred cases by one number: drawing each choice of each case takes twenty times as long as trying it."""
    chance = Random(seed)
    for hierarchy, demands, crew in (case_by(chance) for _n in range(100)):
        assert covered(crew, demands, hierarchy) == brute(demands, crew, hierarchy), (hierarchy, demands, crew)


@settings(max_examples=300)
@given(CASES)
def test_the_order_of_people_and_rows_does_not_matter(case):
    hierarchy, demands, crew = case
    usual = {row.demand: row.covered for row in cover(demands, crew, hierarchy).rows}
    for people in list(permutations(crew))[:12]:
        turned = cover(demands[::-1], people, hierarchy)
        assert {row.demand: row.covered for row in turned.rows} == usual


@settings(max_examples=100)
@given(st.integers(0, 2**64))
def test_one_more_person_never_uncovers_anything(seed):
    chance = Random(seed)
    for hierarchy, demands, crew in (case_by(chance) for _n in range(20)):
        newcomer = some(chance, range(1, 6), most=3)
        before, after = covered(crew, demands, hierarchy), covered([*crew, newcomer], demands, hierarchy)
        assert all(old <= new for old, new in zip(before, after, strict=True)), (hierarchy, demands, crew, newcomer)


@given(CASES)
def test_no_row_gets_more_than_it_asks_for_nor_more_than_there_are_people(case):
    hierarchy, demands, crew = case
    for row in cover(demands, crew, hierarchy).rows:
        assert 0 <= row.covered <= min(row.demand.minimum, len(crew))


# --- reserved seats --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "may"),
    [
        ((0, 3), (0, 2), True),
        ((2, 3), (2, 2), True),
        ((2, 2), (2, 1), False),  # the seat is kept for somebody who is missing
        ((2, 2), (1, 1), True),
        ((3, 2), (3, 1), False),  # unreachable already, and no help
        ((3, 2), (2, 1), True),  # unreachable already, but nearer
        ((1, 1), (0, 0), True),
    ],
)
def test_seats_are_kept_for_those_still_missing(before, after, may):
    assert may_join(Seats(*before), Seats(*after)) is may


def crew_of(*people, maximum):
    return Crew(ROWS, list(people), maximum, USUAL)


def test_the_last_seats_go_to_the_missing_qualifications():
    crew = crew_of({MEDIC}, maximum=3)
    assert not crew.may_be_joined_by(set())
    assert not crew.may_be_joined_by({MEDIC})
    assert crew.may_be_joined_by({DRIVER})
    assert crew.may_be_joined_by({DOCTOR})


def test_nobody_joins_a_full_crew():
    crew = crew_of({DOCTOR}, {MEDIC}, {DRIVER}, maximum=3)
    assert crew.is_full
    assert not crew.may_be_joined_by({DOCTOR})
    assert not crew.is_helped_by({DOCTOR})


def test_whoever_covers_something_new_helps():
    crew = crew_of({DOCTOR}, maximum=5)
    assert crew.is_helped_by({DRIVER})
    assert crew.is_helped_by({DOCTOR})  # the first doctor covers the doctor's row, the second the medic's
    assert not crew.is_helped_by(set())


@settings(max_examples=100)
@given(st.integers(0, 2**64))
def test_joining_as_allowed_never_makes_a_reachable_plan_unreachable(seed):
    chance = Random(seed)
    for hierarchy, demands, people in (case_by(chance) for _n in range(20)):
        newcomer = some(chance, range(1, 6), most=3)
        crew = Crew(demands, people, len(people) + chance.randint(0, 8), hierarchy)
        if crew.seats().is_reachable and crew.may_be_joined_by(newcomer):
            assert crew.joined_by(newcomer).seats().is_reachable, (crew, newcomer)


@settings(max_examples=100)
@given(st.integers(0, 2**64))
def test_the_short_answers_are_those_of_the_whole_rules(seed):
    chance = Random(seed)
    for hierarchy, demands, people in (case_by(chance) for _n in range(20)):
        newcomer = some(chance, range(1, 6), most=3)
        promised = {str(n): some(chance, range(1, 6), most=3) for n in range(chance.randint(0, 2))}
        maximum = len(people) + len(promised) + chance.randint(0, 8)
        crew = Crew(demands, people, maximum, hierarchy, promised=promised)
        expected = Crew(demands, [*people, *promised.values()], maximum, hierarchy)
        at_best = expected.seats() if expected.seats().is_reachable else crew.seats()
        free = maximum > len(people) + len(promised)
        assert crew.may_be_joined_by(newcomer) == (free and may_join(at_best, crew.joined_by(newcomer).seats())), crew
        helps = expected.joined_by(newcomer).coverage().covered > expected.coverage().covered
        assert crew.is_helped_by(newcomer) == (free and helps), crew
