"""What makes the data of an event acceptable."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.rules.planning import problems
from events.tests.factories import EVENING

GOOD = {
    "name": "Půlmaraton",
    "has_master": True,
    "start": EVENING,
    "end": EVENING + timedelta(hours=4),
    "signups_open_at": EVENING - timedelta(days=7),
    "planned_participants": 30,
}


def broken(**fields) -> list[str]:
    return [problem.field for problem in problems(**GOOD | fields)]


def test_nothing_speaks_against_the_good_case():
    assert broken() == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"planned_participants": -1}, "planned_participants"),
        ({"name": "  "}, "name"),
        ({"has_master": False}, "master_event"),
        ({"start": None}, "start"),
        ({"end": None}, "end"),
        ({"end": EVENING}, "end"),
        ({"end": EVENING - timedelta(minutes=1)}, "end"),
        ({"signups_open_at": EVENING}, "signups_open_at"),
        ({"signups_open_at": EVENING + timedelta(minutes=1)}, "signups_open_at"),
    ],
)
def test_each_broken_rule_is_found_at_its_field(fields, field):
    assert broken(**fields) == [field]


@pytest.mark.parametrize(
    "fields", [{"planned_participants": None}, {"planned_participants": 0}, {"signups_open_at": None}]
)
def test_what_may_be_left_empty(fields):
    assert broken(**fields) == []


def test_people_hear_of_them_in_the_order_of_the_form():
    fields = broken(planned_participants=-1, name="", has_master=False, end=EVENING, signups_open_at=EVENING)
    assert fields == ["planned_participants", "name", "master_event", "end", "signups_open_at"]


@given(st.timedeltas(min_value=timedelta(days=-2), max_value=timedelta(days=2)))
def test_an_event_ends_after_its_start_however_little(length):
    assert (broken(end=EVENING + length) == []) == (length > timedelta(0))
