"""Who may stand where: every single reason against it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from events.rules.eligibility import (
    TO_ASSIGN,
    TO_JOIN,
    TO_JOIN_SOMEWHERE,
    TO_LEAVE,
    TO_REMOVE,
    Facts,
    objections,
)
from events.rules.lifecycle import Status

GOOD = Facts(status=Status.OPEN, person_name="Dvořák Petr")


def refused(checkers, **facts) -> bool:
    return bool(objections(checkers, replace(GOOD, **facts)))


@pytest.mark.parametrize("checkers", [TO_JOIN, TO_JOIN_SOMEWHERE, TO_ASSIGN, TO_LEAVE, TO_REMOVE])
def test_nothing_speaks_against_the_good_case(checkers):
    assert objections(checkers, GOOD) == []


class TestJoining:
    @pytest.mark.parametrize(
        "reason",
        [
            {"has_right": False},
            {"is_archived": True},
            {"is_coordinated": True},
            {"already_on_event": True},
            {"position_free": False},
            {"is_qualified": False},
        ],
    )
    def test_each_reason_alone_refuses(self, reason):
        assert len(objections(TO_JOIN, replace(GOOD, **reason))) == 1

    @pytest.mark.parametrize("status", Status)
    def test_only_open_events_are_joined(self, status):
        assert refused(TO_JOIN, status=status) is (status != Status.OPEN)

    def test_who_may_assign_others_joins_where_a_coordinator_places_people(self):
        assert not refused(TO_JOIN, is_coordinated=True, may_assign_others=True)

    def test_a_page_may_show_every_reason_at_once_each_in_its_own_words(self):
        worst = Facts(
            status=Status.DRAFT, is_archived=True, has_right=False, is_coordinated=True, position_free=False,
            already_on_event=True, is_qualified=False, is_full=True, reservation="Místa jsou vyhrazena.",
            held_until="so 15. 5. 12:00",
        )  # fmt: skip
        found = objections(TO_JOIN, worst)
        assert len({str(reason) for reason in found}) == len(TO_JOIN) == 10

    @pytest.mark.parametrize("reason", [{"position_free": False}, {"is_qualified": False}])
    def test_before_a_place_is_chosen_places_do_not_matter(self, reason):
        assert not refused(TO_JOIN_SOMEWHERE, **reason)


class TestAssigning:
    @pytest.mark.parametrize(
        "reason",
        [{"is_active": False}, {"is_archived": True}, {"already_on_event": True}, {"position_free": False}],
    )
    def test_each_reason_alone_refuses(self, reason):
        assert len(objections(TO_ASSIGN, replace(GOOD, **reason))) == 1

    @pytest.mark.parametrize("status", Status)
    def test_only_open_and_closed_events_take_people(self, status):
        assert refused(TO_ASSIGN, status=status) is (status not in (Status.OPEN, Status.CLOSED))

    def test_a_coordinator_places_people_where_they_do_not_join_themselves(self):
        assert not refused(TO_ASSIGN, is_coordinated=True, has_right=False)

    def test_whoever_is_there_already_is_named(self):
        assert "Dvořák Petr" in str(objections(TO_ASSIGN, replace(GOOD, already_on_event=True))[0])


class TestLeaving:
    @pytest.mark.parametrize("checkers", [TO_LEAVE, TO_REMOVE])
    @pytest.mark.parametrize("status", Status)
    def test_possible_until_completed(self, checkers, status):
        assert refused(checkers, status=status) is (status == Status.COMPLETED)

    @pytest.mark.parametrize("checkers", [TO_LEAVE, TO_REMOVE])
    def test_refused_on_archived_events(self, checkers):
        assert refused(checkers, is_archived=True)

    def test_a_coordinated_event_is_left_through_its_coordinator(self):
        assert refused(TO_LEAVE, is_coordinated=True)
        assert not refused(TO_LEAVE, is_coordinated=True, may_assign_others=True)
        assert not refused(TO_REMOVE, is_coordinated=True)
