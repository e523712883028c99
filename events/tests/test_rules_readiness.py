"""The light of an event: which one, and which reasons."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from events.rules.lifecycle import RUNNING, Status
from events.rules.readiness import NEAR, Light, Readiness, Reason, is_watched, judged, reasons_in
from events.rules.staffing import ConditionRow, ConditionStaffing, PositionStaffing
from events.tests.factories import EVENING

SOME = Reason("people", "Somebody is missing")


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def words(staffing, *, has_leader=True) -> list[str]:
    return [reason.words for reason in reasons_in(staffing, has_leader=has_leader)]


def codes(staffing, *, has_leader=True) -> list[str]:
    return [reason.code for reason in reasons_in(staffing, has_leader=has_leader)]


class TestLight:
    @pytest.mark.parametrize(
        ("before", "light"),
        [
            (timedelta(days=30), Light.ATTENTION),
            (NEAR + timedelta(seconds=1), Light.ATTENTION),
            (NEAR, Light.ALARM),
            (timedelta(hours=1), Light.ALARM),
            (timedelta(hours=-1), Light.ALARM),
        ],
    )
    def test_turns_to_alarm_when_the_start_is_near(self, before, light):
        assert judged([SOME], start=EVENING, at=EVENING - before) == Readiness(light, [SOME])

    @given(st.timedeltas(timedelta(days=-400), timedelta(days=400)))
    def test_is_green_at_any_time_without_a_reason_and_never_with_one(self, before):
        at = EVENING - before
        assert judged([], start=EVENING, at=at) == Readiness(Light.READY)
        assert judged([SOME], start=EVENING, at=at).light != Light.READY

    @given(st.integers(0, 60 * 24 * 60), st.integers(0, 60 * 24 * 60))
    def test_never_calms_down_by_itself(self, first, second):
        order = list(Light)
        sooner, later = (EVENING - timedelta(minutes=minutes) for minutes in sorted((first, second), reverse=True))
        lights = [judged([SOME], start=EVENING, at=at).light for at in (sooner, later)]
        assert order.index(lights[0]) <= order.index(lights[1])

    @pytest.mark.parametrize("status", Status)
    @pytest.mark.parametrize("is_archived", [True, False])
    @pytest.mark.parametrize("left", [timedelta(0), timedelta(seconds=1)])
    def test_is_for_what_is_still_to_take_place(self, status, is_archived, left):
        expected = status in RUNNING and not is_archived and left > timedelta(0)
        assert is_watched(status, is_archived=is_archived, end=EVENING, at=EVENING - left) is expected


class TestPositions:
    def test_nothing_when_the_mandatory_ones_are_filled_and_somebody_leads(self):
        assert words(PositionStaffing(2, 2, 3, 0)) == []

    def test_free_mandatory_ones_and_nobody_who_leads(self):
        assert words(PositionStaffing(3, 1), has_leader=False) == [
            "2 mandatory positions are free", "No responsible person",
        ]  # fmt: skip
        assert words(PositionStaffing(3, 2)) == ["1 mandatory position is free"]

    def test_none_at_all(self):
        assert words(PositionStaffing(0, 0, 2, 2)) == ["The event has no mandatory position"]

    @given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5), st.integers(0, 5), st.booleans())
    def test_none_exactly_when_sufficient_and_led(self, total, filled, optional, optional_filled, has_leader):
        staffing = PositionStaffing(total, min(filled, total), optional, min(optional_filled, optional))
        assert (codes(staffing, has_leader=has_leader) == []) is (staffing.is_sufficient and has_leader)


@st.composite
def conditions(draw):
    maximum = draw(st.integers(1, 6))
    rows = [
        ConditionRow(key, f"Row {key}", minimum, draw(st.integers(0, minimum)))
        for key, minimum in enumerate(draw(st.lists(st.integers(1, 3), max_size=3)))
    ]
    return ConditionStaffing(
        count=draw(st.integers(0, maximum)),
        minimum=draw(st.integers(1, maximum)),
        maximum=maximum,
        rows=rows,
        leader_is_valid=draw(st.booleans()),
    )


class TestConditions:
    def test_everything_that_is_missing_in_order_of_weight(self):
        rows = [ConditionRow(1, "Doctor", 2, 1), ConditionRow(2, "Medic", 1, 1), ConditionRow(3, "Driver", 2, 0)]
        staffing = ConditionStaffing(count=1, minimum=3, maximum=4, rows=rows)
        assert words(staffing) == [
            "Participants missing: 2",
            "Qualifications missing: Doctor ×1, Driver ×2",
            "No qualified responsible person",
        ]

    def test_a_named_person_who_may_not_lead_is_no_leader(self):
        staffing = ConditionStaffing(count=2, minimum=1, maximum=4, leader_is_valid=False)
        assert codes(staffing, has_leader=True) == ["leader"]

    def test_full_without_what_is_needed(self):
        staffing = ConditionStaffing(
            count=2, minimum=2, maximum=2, rows=[ConditionRow(1, "Driver", 1, 0)], leader_is_valid=True
        )
        assert words(staffing) == ["Capacity filled, conditions not met", "Qualifications missing: Driver ×1"]

    @given(conditions())
    def test_none_exactly_when_sufficient_each_once_and_all_in_words(self, staffing):
        found = codes(staffing)
        assert (found == []) is staffing.is_sufficient
        assert len(found) == len(set(found))
        assert ("people" in found) is (staffing.missing > 0)
        assert ("conditions" in found) is (staffing.deficit > 0)
        assert ("leader" in found) is not staffing.leader_is_valid
        assert all(words(staffing))


def test_a_reason_may_be_shorter_in_a_list():
    assert Reason("leader", "No responsible person", "No RP").in_a_line == "No RP"
    assert SOME.in_a_line == SOME.words
