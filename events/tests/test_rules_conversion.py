"""From positions to conditions and back, on plain keys."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.rules.conversion import Place, demands_of, needed, places_of, seats_on
from events.rules.coverage import Demand, Hierarchy, counted_once

DOCTOR, MEDIC, DRIVER, NURSE, GONE = 1, 2, 3, 4, 9
#: A doctor may stand in for a medic and a nurse; drivers are apart; GONE has been deleted.
GRAPH = Hierarchy.of({DOCTOR, MEDIC, DRIVER, NURSE}, {MEDIC: {DOCTOR}, NURSE: {DOCTOR}})

people = st.lists(st.frozensets(st.sampled_from([DOCTOR, MEDIC, DRIVER, NURSE, GONE])), max_size=8)
demands = st.lists(
    st.builds(Demand, st.sampled_from([DOCTOR, MEDIC, DRIVER, NURSE]), st.integers(1, 3)),
    max_size=4,
    unique_by=lambda demand: demand.qualification,
)


class TestNeeded:
    @pytest.mark.parametrize(
        ("demanded", "expected"),
        [
            ([], []),
            ([MEDIC], [MEDIC]),
            ([MEDIC, DRIVER], [MEDIC, DRIVER]),
            ([MEDIC, DOCTOR], [DOCTOR]),  # whoever is a doctor is enough of a medic
            ([MEDIC, NURSE], [MEDIC, NURSE]),
            ([GONE, DRIVER], [DRIVER]),
        ],
    )
    def test_leaves_out_what_is_deleted_or_implied(self, demanded, expected):
        assert needed(demanded, GRAPH) == expected


class TestDemands:
    def test_count_positions_in_the_order_in_which_they_first_demand_something(self):
        mandatory = [[DRIVER], [], [MEDIC], [DRIVER, MEDIC], [GONE]]
        assert demands_of(mandatory, GRAPH) == [Demand(DRIVER, 2), Demand(MEDIC, 2)]


class TestPlaces:
    def test_demanded_ones_first_then_up_to_the_minimum_then_up_to_the_capacity(self):
        assert places_of([Demand(MEDIC, 2), Demand(DRIVER, 1)], 4, 6) == [
            Place(MEDIC), Place(MEDIC), Place(DRIVER), Place(), Place(is_optional=True), Place(is_optional=True),
        ]  # fmt: skip

    def test_may_be_more_than_the_capacity_where_people_counted_twice(self):
        assert places_of([Demand(MEDIC, 1), Demand(DRIVER, 1)], 1, 1) == [Place(MEDIC), Place(DRIVER)]

    @given(demands, st.integers(1, 8), st.integers(0, 8))
    def test_add_up(self, wanted, minimum, more):
        places = places_of(wanted, minimum, minimum + more)
        demanded = sum(demand.minimum for demand in wanted)
        assert len(places) == max(demanded, minimum + more)
        assert sum(not place.is_optional for place in places) == max(demanded, minimum)


class TestCountedOnce:
    def test_one_person_serves_one_demand_even_of_two_hierarchies(self):
        both = frozenset({MEDIC, DRIVER})
        assert counted_once([Demand(MEDIC, 1), Demand(DRIVER, 1)], [both], GRAPH) in ([0], [1])
        assert sorted(counted_once([Demand(MEDIC, 1), Demand(DRIVER, 1)], [both, both], GRAPH)) == [0, 1]

    def test_moves_people_so_that_more_demands_are_met(self):
        crew = [frozenset({MEDIC, DRIVER}), frozenset({MEDIC})]
        assert counted_once([Demand(MEDIC, 1), Demand(DRIVER, 1)], crew, GRAPH) == [1, 0]

    @given(demands, people)
    def test_nobody_serves_what_they_do_not_cover_and_no_demand_gets_too_many(self, wanted, crew):
        found = counted_once(wanted, crew, GRAPH)
        for held, row in zip(crew, found, strict=True):
            assert row is None or GRAPH.satisfies(held, wanted[row].qualification)
        for row, count in Counter(row for row in found if row is not None).items():
            assert count <= wanted[row].minimum


class TestSeats:
    def seats(self, wanted, minimum, maximum, crew):
        return seats_on(places_of(wanted, minimum, maximum), wanted, crew, GRAPH)

    def test_the_able_stand_where_something_is_demanded_the_others_where_nothing_is(self):
        crew = [frozenset(), frozenset({DRIVER}), frozenset({DOCTOR})]
        assert self.seats([Demand(MEDIC, 1), Demand(DRIVER, 1)], 3, 4, crew) == [2, 1, 0]

    def test_the_earliest_come_first_among_equals(self):
        assert self.seats([Demand(MEDIC, 1)], 2, 3, [frozenset({MEDIC})] * 3) == [0, 1, 2]

    def test_whom_nothing_is_left_for(self):
        assert self.seats([Demand(MEDIC, 2)], 2, 2, [frozenset(), frozenset()]) == [None, None]

    @given(demands, st.integers(1, 8), st.integers(0, 8), people)
    def test_no_place_is_given_twice_and_none_to_the_unable(self, wanted, minimum, more, crew):
        places = places_of(wanted, minimum, minimum + more)
        seats = seats_on(places, wanted, crew, GRAPH)
        given_away = [seat for seat in seats if seat is not None]
        assert len(given_away) == len(set(given_away))
        for held, seat in zip(crew, seats, strict=True):
            if seat is not None and places[seat].qualification is not None:
                assert GRAPH.satisfies(held, places[seat].qualification)

    @given(demands, st.integers(1, 8), st.integers(0, 8), people)
    def test_nobody_is_left_over_while_a_place_for_anybody_is_free(self, wanted, minimum, more, crew):
        places = places_of(wanted, minimum, minimum + more)
        seats = seats_on(places, wanted, crew, GRAPH)
        free = set(range(len(places))) - set(seats)
        if None in seats:
            assert all(places[seat].qualification is not None for seat in free)

    @given(demands, st.integers(1, 8), people)
    def test_is_the_same_every_time(self, wanted, minimum, crew):
        assert self.seats(wanted, minimum, minimum, crew) == self.seats(wanted, minimum, minimum, crew)
