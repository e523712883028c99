"""Whom a free place is offered, until when, and whom to ask after a drop-out: on plain values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations, permutations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.rules.coverage import Demand, Hierarchy
from events.rules.joining import Crew
from events.rules.waiting import (
    SHORTEST,
    Candidate,
    FreePlace,
    Waiting,
    is_drop_out,
    offer_deadline,
    offers_of_places,
    offers_of_seats,
    ranked,
)

PRAGUE = ZoneInfo("Europe/Prague")
START = datetime(2027, 5, 15, 18, 0, tzinfo=PRAGUE)


def before(**span: float) -> datetime:
    """A moment so long before the start."""
    return START.astimezone(UTC) - timedelta(**span)


class TestDeadline:
    @pytest.mark.parametrize(
        ("left", "hours", "expected"),
        [
            ({"days": 10}, 12, {"hours": 12}),
            ({"days": 1}, 12, {"hours": 12}),
            ({"hours": 10}, 12, {"hours": 5}),
            ({"hours": 1}, 12, {"minutes": 30}),
            ({"minutes": 40}, 12, {"minutes": 30}),
            ({"minutes": 20}, 12, {"minutes": 20}),
            ({"days": 10}, 1, {"hours": 1}),
        ],
    )
    def test_is_shorter_near_the_start_but_leaves_time_to_read(self, left, hours, expected):
        at = before(**left)
        assert offer_deadline(at, START, hours) == at + timedelta(**expected)

    @given(
        st.timedeltas(timedelta(0), timedelta(days=400)),
        st.sampled_from([UTC, PRAGUE]),
        st.timedeltas(timedelta(0), timedelta(days=60)),
        st.integers(1, 168),
    )
    def test_always_lies_between_now_and_the_start(self, earlier, zone, left, hours):
        at = before(days=earlier.days, seconds=earlier.seconds).astimezone(zone)
        start = (at.astimezone(UTC) + left).astimezone(PRAGUE)
        deadline = offer_deadline(at, start, hours)
        moment, begin = at.astimezone(UTC), start.astimezone(UTC)
        assert moment <= deadline <= begin
        assert deadline - moment <= timedelta(hours=hours)
        assert deadline - moment >= min(SHORTEST, begin - moment)
        if begin - moment >= 2 * SHORTEST:
            assert deadline - moment <= (begin - moment) / 2

    def test_counts_the_hours_that_really_pass(self):
        """In the night of 28 March 2027 the clocks go from two to three."""
        at = datetime(2027, 3, 27, 22, 0, tzinfo=PRAGUE)
        start = datetime(2027, 3, 28, 8, 0, tzinfo=PRAGUE)
        assert offer_deadline(at, start, 12) - at.astimezone(UTC) == timedelta(hours=4, minutes=30)


class TestDropOut:
    @pytest.mark.parametrize(
        ("at", "hours", "is_one"),
        [
            (before(hours=48), 48, False),
            (before(hours=47, minutes=59), 48, True),
            (before(minutes=-30), 48, True),  # it runs already
            (before(hours=-4), 48, False),  # it is over
            (before(hours=1), 0, False),
            (before(hours=3), 2, False),
        ],
    )
    def test_is_a_release_later_than_the_setting(self, at, hours, is_one):
        assert is_drop_out(at, START, START + timedelta(hours=4), hours) is is_one


def people(*able):
    """Waiting people in order, called by their numbers."""
    return [Waiting(number, frozenset(held)) for number, held in enumerate(able)]


class TestPlaces:
    def test_the_first_whom_it_fits_gets_it(self):
        assert offers_of_places([FreePlace(7, {1})], people({2}, {1, 2}, {1})) == [(1, 7)]

    def test_nobody_gets_what_fits_nobody(self):
        assert offers_of_places([FreePlace(7, {3})], people({1}, {2})) == []
        assert offers_of_places([], people({1})) == []

    def test_somebody_alone_gets_the_first_of_the_fitting_places(self):
        assert offers_of_places([FreePlace(5), FreePlace(6)], people(set())) == [(0, 5)]

    def test_two_places_serve_two_people_where_that_is_possible(self):
        """The first one could take either place, the second one only the first."""
        assert offers_of_places([FreePlace(5, {1}), FreePlace(6, {2})], people({1, 2}, {1})) == [(0, 6), (1, 5)]

    cases = st.tuples(
        st.lists(st.frozensets(st.integers(1, 3), max_size=2), max_size=4),
        st.lists(st.frozensets(st.integers(1, 3), max_size=3), max_size=5),
    )

    @settings(max_examples=300)
    @given(cases)
    def test_serves_most_people_and_never_passes_an_earlier_one_over_for_a_later(self, case):
        demands, able = case
        places = [FreePlace(number, wanted) for number, wanted in enumerate(demands)]
        waiting = people(*able)
        found = offers_of_places(places, waiting)
        served = [person for person, _place in found]
        assert len({place for _person, place in found}) == len(found)
        assert all(places[place].fits(waiting[person]) for person, place in found)
        assert served == best_served(places, waiting)


def best_served(places, waiting):
    """By trying everything: of the largest groups that can be served, the one that is first in the queue."""
    for size in range(min(len(places), len(waiting)), -1, -1):
        for group in combinations(range(len(waiting)), size):
            chosen = (permutations(places, size)) if size else [()]
            if any(all(place.fits(waiting[n]) for n, place in zip(group, taken, strict=True)) for taken in chosen):
                return list(group)
    return []


DOCTOR, MEDIC, DRIVER = 1, 2, 3
HIERARCHY = Hierarchy.of([DOCTOR, MEDIC, DRIVER], {MEDIC: [DOCTOR]})


def crew(*there, maximum, demands=((MEDIC, 1),)):
    return Crew([Demand(*row) for row in demands], [frozenset(held) for held in there], maximum, HIERARCHY)


class TestSeats:
    def test_who_helps_comes_first_then_the_order_of_the_queue(self):
        # The last seat is offered to nobody: should the medic decline, another medic needs it.
        assert offers_of_seats(crew(maximum=3), people(set(), {DRIVER}, {MEDIC})) == [2, 0]

    def test_without_need_the_order_of_the_queue_decides(self):
        assert offers_of_seats(crew({MEDIC}, maximum=3), people(set(), {MEDIC}, set())) == [0, 1]

    def test_a_seat_kept_for_a_qualification_is_offered_only_to_who_has_it(self):
        assert offers_of_seats(crew(set(), maximum=2), people(set(), {DRIVER})) == []
        assert offers_of_seats(crew(set(), maximum=2), people(set(), {DOCTOR})) == [1]

    def test_a_full_event_offers_nothing(self):
        assert offers_of_seats(crew({MEDIC}, maximum=1), people({MEDIC})) == []

    def test_a_held_seat_is_not_offered_again(self):
        assert offers_of_seats(crew({MEDIC}, maximum=2).promising("x", set()), people(set())) == []

    def test_a_promise_alone_does_not_open_the_last_seat_to_whoever_covers_the_same(self):
        now = crew(maximum=2, demands=((DOCTOR, 1), (DRIVER, 1)))
        assert offers_of_seats(now, people({DRIVER}, {DRIVER})) == [0]

    @settings(max_examples=200)
    @given(
        st.lists(st.frozensets(st.integers(1, 3), max_size=2), max_size=3),
        st.lists(st.frozensets(st.integers(1, 3), max_size=2), max_size=4),
        st.integers(0, 4),
        st.data(),
    )
    def test_whoever_accepts_a_reachable_plan_stays_reachable(self, there, able, spare, data):
        now = crew(*there, maximum=len(there) + spare, demands=((DOCTOR, 1), (DRIVER, 1)))
        waiting = people(*able)
        offered = offers_of_seats(now, waiting)
        assert len(offered) <= spare
        accepting = data.draw(st.lists(st.sampled_from(offered), unique=True)) if offered else []
        then = now
        for person in accepting:
            then = then.joined_by(waiting[person].able)
        if now.seats().is_reachable:
            assert then.seats().is_reachable


class TestHeldSeats:
    def test_are_not_free_for_others(self):
        held = crew({MEDIC}, maximum=2).promising("a", {DRIVER})
        assert held.is_full
        assert not held.may_be_joined_by({MEDIC})

    def test_cover_nothing_before_somebody_accepts(self):
        held = crew(set(), maximum=3).promising("a", {MEDIC})
        assert not held.may_be_joined_by(set())  # should the medic decline, one seat has to be left for another
        assert held.may_be_joined_by({MEDIC})

    def test_but_another_of_the_same_kind_does_not_help(self):
        assert not crew(maximum=3).promising("a", {MEDIC}).is_helped_by({MEDIC})

    def test_whoever_was_promised_one_meets_the_people_who_are_there(self):
        held = crew({MEDIC}, maximum=2).promising("a", {DRIVER})
        assert held.met_by("a").may_be_joined_by({DRIVER})
        assert held.met_by("b") == held
        assert held.without_promises().may_be_joined_by(set())


class TestPassing:
    def test_a_seat_may_pass_to_whoever_covers_as_much(self):
        full = crew({MEDIC}, {DRIVER}, maximum=2, demands=((MEDIC, 1), (DRIVER, 1)))
        assert full.may_pass(frozenset({MEDIC}), {DOCTOR})
        assert not full.may_pass(frozenset({MEDIC}), {DRIVER})

    def test_what_is_missing_already_does_not_bind_those_who_never_covered_it(self):
        assert crew(set(), maximum=1).may_pass(frozenset(), set())

    def test_what_is_missing_may_be_found_on_a_free_seat_yet(self):
        assert crew({MEDIC}, maximum=2).may_pass(frozenset({MEDIC}), set())


class TestRanking:
    def test_who_waits_then_who_helps_then_who_served_least(self):
        long, short = before(days=3), before(days=1)
        rows = [
            Candidate("name", "b", 0),
            Candidate("alphabet", "a", 0),
            Candidate("busy", "a", 5, helps=True),
            Candidate("helping", "z", 1, helps=True),
            Candidate("waits", "z", 9, waits_since=short),
            Candidate("waits long", "z", 9, waits_since=long),
        ]
        assert [row.person for row in ranked(rows)] == [
            "waits long", "waits", "helping", "busy", "alphabet", "name",
        ]  # fmt: skip
        assert ranked(reversed(rows)) == ranked(rows)
