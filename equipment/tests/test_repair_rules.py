"""Rules about repairs and the status that they give an item."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipment.repairs.rules import (
    CLOSED,
    OPEN,
    Ageing,
    Condition,
    Fault,
    OpenRepair,
    Severity,
    Status,
    ageing_of,
    as_told,
    blocks,
    condition_of,
    days_between,
    determining,
    link_after,
    link_fault,
    target_fault,
)

START = datetime(2027, 5, 15, 8, 0, tzinfo=UTC)

open_repairs = st.lists(
    st.builds(
        OpenRepair,
        key=st.integers(1, 5),
        severity=st.sampled_from(["", *Severity]),
        created=st.integers(0, 3).map(lambda days: START - timedelta(days=days)),
        is_safety_risk=st.booleans(),
    ),
    unique_by=lambda repair: repair.key,
)


class TestStatus:
    def test_seven_are_open_and_three_are_closed(self):
        assert len(OPEN) == 7
        assert len(CLOSED) == 3
        assert OPEN[0] == Status.NEW

    def test_nothing_open_is_operational(self):
        assert determining([]) is None
        assert condition_of(None) is Condition.OPERATIONAL

    @pytest.mark.parametrize(("severity", "condition"), [
        ("down", Condition.DOWN), ("degraded", Condition.DEGRADED), ("unsure", Condition.DEGRADED),
        ("", Condition.DEGRADED),
    ])  # fmt: skip
    def test_of_one_repair(self, severity, condition):
        assert condition_of(severity) is condition

    @given(repairs=open_repairs)
    def test_the_worst_decides_and_of_equals_the_oldest(self, repairs):
        chosen = determining(repairs)
        if chosen is None:
            assert not repairs
            return
        order = ["down", "degraded", "unsure", ""]
        for other in repairs:
            worse = order.index(other.severity) - order.index(chosen.severity)
            assert worse >= 0
            if worse == 0:
                assert (other.created, other.key) >= (chosen.created, chosen.key)

    @given(repairs=open_repairs)
    def test_a_risk_blocks_and_leaves_the_colour(self, repairs):
        without = [OpenRepair(one.key, one.severity, one.created) for one in repairs]
        chosen, plain = determining(repairs), determining(without)
        assert (chosen and chosen.key) == (plain and plain.key)
        assert all(blocks(one.severity, is_safety_risk=True) for one in repairs)

    @pytest.mark.parametrize("severity", ["", "unsure", "degraded"])
    def test_what_is_less_than_down_does_not_block(self, severity):
        assert not blocks(severity, is_safety_risk=False)
        assert blocks("down", is_safety_risk=False)

    def test_each_has_a_word_and_an_icon_of_its_own(self):
        assert [str(one.label) for one in Condition] == ["V provozu", "Omezeno", "Mimo provoz"]
        assert len({one.icon for one in Condition}) == 3


class TestDuplicates:
    @pytest.mark.parametrize(("status", "old", "wanted", "after"), [
        ("duplicate", None, 7, 7), ("duplicate", 7, 8, 8), ("duplicate", 7, None, None),
        ("new", 7, 7, None), ("new", 7, None, None), ("new", 7, 8, 8), ("new", None, 8, 8), ("new", None, None, None),
    ])  # fmt: skip
    def test_what_is_left_of_a_link(self, status, old, wanted, after):
        assert link_after(status, old=old, wanted=wanted) == after

    @pytest.mark.parametrize("status", Status)
    def test_only_a_duplicate_points_and_it_always_does(self, status):
        with_target, without = link_fault(status, 7), link_fault(status, None)
        if status == Status.DUPLICATE:
            assert (with_target, without) == (None, Fault.TARGET_MISSING)
        else:
            assert (with_target, without) == (Fault.TARGET_WITHOUT_STATUS, None)

    def test_at_what(self):
        assert target_fault(1, 1, same_item=True, links={}) is Fault.ITSELF
        assert target_fault(1, 2, same_item=False, links={}) is Fault.OTHER_ITEM
        assert target_fault(1, 2, same_item=True, links={2: 3}) is None
        assert target_fault(1, 2, same_item=True, links={2: 3, 3: 1}) is Fault.CIRCLE
        assert target_fault(1, 2, same_item=True, links={2: 3, 3: 2}) is None


@pytest.mark.parametrize(("days", "ageing"), [
    (0, Ageing.FRESH), (2, Ageing.FRESH), (3, Ageing.WARM), (5, Ageing.WARM), (6, Ageing.HOT), (400, Ageing.HOT),
])  # fmt: skip
def test_ageing(days, ageing):
    assert ageing_of(days) is ageing


def test_whole_days():
    assert days_between(START, START + timedelta(days=3) - timedelta(seconds=1)) == 2
    assert days_between(START, START + timedelta(days=3)) == 3
    assert days_between(START, START - timedelta(days=3)) == 0


def test_how_values_are_told():
    assert [as_told(value) for value in (None, "", date(2027, 5, 1), Status.NEW, 7)] == [
        "",
        "",
        "2027-05-01",
        "new",
        "7",
    ]
