"""How well an event is staffed, and what makes a good plan."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.rules.plans import PlannedPosition
from events.rules.plans import positions_problem as plan_problem
from events.rules.staffing import Level
from events.rules.staffing import PositionStaffing as Staffing

LEADING, PLAIN = PlannedPosition(is_optional=False, can_lead=True), PlannedPosition(is_optional=False, can_lead=False)
LEADING_OPTIONAL = PlannedPosition(is_optional=True, can_lead=True)
OPTIONAL = PlannedPosition(is_optional=True, can_lead=False)


@pytest.mark.parametrize(
    ("figures", "level", "sufficient", "full"),
    [
        # mandatory total and filled, optional total and filled
        ((0, 0, 0, 0), Level.NO_POSITIONS, False, False),
        ((0, 0, 2, 0), Level.NO_POSITIONS, False, False),
        ((0, 0, 2, 2), Level.NO_POSITIONS, False, True),
        ((2, 0, 0, 0), Level.EMPTY, False, False),
        ((2, 0, 1, 1), Level.EMPTY, False, False),
        ((2, 1, 0, 0), Level.PARTIAL, False, False),
        ((2, 1, 1, 1), Level.PARTIAL, False, False),
        ((2, 2, 1, 0), Level.SUFFICIENT, True, False),
        ((2, 2, 2, 1), Level.SUFFICIENT, True, False),
        ((2, 2, 0, 0), Level.FULL, True, True),
        ((1, 1, 2, 2), Level.FULL, True, True),
    ],
)
def test_levels(figures, level, sufficient, full):
    staffing = Staffing(*figures)
    assert (staffing.level, staffing.is_sufficient, staffing.is_full) == (level, sufficient, full)


@given(st.lists(st.tuples(st.booleans(), st.booleans())))
def test_figures_add_up(places):
    """Each place is (is optional, is filled)."""
    counted = Staffing(
        mandatory_total=sum(not optional for optional, _filled in places),
        mandatory_filled=sum(not optional and filled for optional, filled in places),
        optional_total=sum(optional for optional, _filled in places),
        optional_filled=sum(optional and filled for optional, filled in places),
    )
    assert counted.total == len(places) == counted.filled + counted.free
    assert counted.free == sum(not filled for _optional, filled in places)
    assert counted.is_full == (bool(places) and all(filled for _optional, filled in places))
    if counted.level in (Level.SUFFICIENT, Level.FULL):
        assert counted.is_sufficient
        assert counted.mandatory_free == 0


@pytest.mark.parametrize(
    "plan", [[LEADING], [LEADING, PLAIN, OPTIONAL], [OPTIONAL, LEADING], [LEADING_OPTIONAL, LEADING]]
)
def test_good_plans(plan):
    assert plan_problem(plan) is None


def test_each_broken_rule_has_its_own_sentence():
    empty, only_optional = plan_problem([]), plan_problem([OPTIONAL, LEADING_OPTIONAL])
    nobody_leads, leads_only_optionally = plan_problem([PLAIN, OPTIONAL]), plan_problem([PLAIN, LEADING_OPTIONAL])
    assert None not in (empty, only_optional, nobody_leads)
    assert len({str(empty), str(only_optional), str(nobody_leads)}) == 3
    assert str(nobody_leads) == str(leads_only_optionally)
