"""What is left of a type, asked in SQL, against counting it minute by minute; and which plans are short."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from equipment.models import EquipmentItem, EquipmentType, EventPlan, ServiceWindow
from equipment.plan_querysets import availability, competing, short_plans, shortages_read_once
from equipment.tests.factories import EventPlanFactory, ItemFactory, TypeFactory, out_of_service
from events.models import Event
from events.rules.lifecycle import Status
from events.tests.factories import EVENING, EventFactory, MasterEventFactory

pytestmark = pytest.mark.django_db

#: Small numbers meet each other more often; a unit of time is ten minutes.
UNIT = timedelta(minutes=10)
spans = st.tuples(st.integers(0, 12), st.integers(1, 6))


@dataclass(frozen=True)
class Wanted:
    """An event of the brute force, in units of time."""

    start: int
    length: int
    quantity: int
    counts: bool = True

    @property
    def units(self) -> range:
        return range(self.start, self.start + self.length)


wanted = st.builds(
    lambda span, quantity, counts: Wanted(*span, quantity, counts),
    spans,
    st.integers(1, 3),
    st.booleans() | st.just(True),
)


def moment(unit: int):
    return EVENING + unit * UNIT


def counted(windows, length_of_pool, span):
    """Items whose windows share no unit with the span."""
    return sum(not any(unit in window for window in own for unit in span) for own in windows[:length_of_pool])


def load_at(unit, plans):
    return sum(plan.quantity for plan in plans if plan.counts and unit in plan.units)


@pytest.fixture
def aed():
    return TypeFactory(name="AED")


def store(aed, master, plans):
    """Write the events; what does not count is of one of the sorts that do not."""
    made = []
    for number, plan in enumerate(plans):
        not_counting = ({"status": Status.CANCELLED}, {"status": Status.COMPLETED}, {"is_archived": True})[number % 3]
        event = EventFactory(
            master_event=master,
            start=moment(plan.start),
            end=moment(plan.start + plan.length),
            **({"status": (Status.DRAFT, Status.OPEN)[number % 2]} if plan.counts else not_counting),
        )
        made.append(EventPlanFactory(event=event, type=aed, quantity=plan.quantity))
    return made


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80, deadline=None)
@given(plans=st.lists(wanted, max_size=7), windows=st.lists(st.lists(spans, max_size=1), max_size=5))
def test_sql_against_counting_unit_by_unit(aed, plans, windows):
    EventPlan.objects.all().delete()
    Event.objects.all().delete()
    ServiceWindow.objects.all().delete()
    EquipmentItem.objects.all().delete()
    for own in windows:
        item = ItemFactory(type=aed)
        for start, length in own:
            out_of_service(item, moment(start), moment(start + length))
    outages = [[range(start, start + length) for start, length in own] for own in windows]
    rows = store(aed, MasterEventFactory(), plans)

    expected = {}
    for number, plan in enumerate(plans):
        others = [other for place, other in enumerate(plans) if place != number]
        pool = counted(outages, len(outages), plan.units)
        load = max(load_at(unit, others) for unit in plan.units)
        expected[rows[number].pk] = (pool, load, pool - load, plan.quantity - pool + load)
        event = rows[number].event
        assert availability([aed.pk], event.start, event.end, exclude=event.pk) == {aed.pk: pool - load}
    read = EventPlan.objects.counting().with_availability(moment(0), moment(99))
    figures = {row.pk: (row.pool, row.load, row.available, row.lack) for row in read}
    counting = {row.pk for row, plan in zip(rows, plans, strict=True) if plan.counts}
    assert figures == {pk: figures for pk, figures in expected.items() if pk in counting}

    lacking = {row.pk for row, plan in zip(rows, plans, strict=True) if plan.counts and expected[row.pk][3] > 0}
    assert {row.pk for row in short_plans(moment(0), moment(99))} == lacking

    if not lacking:
        assert_everybody_gets_theirs(plans, outages)


def assert_everybody_gets_theirs(plans, outages):
    """When nobody is short, whoever begins first may take any items that are left, and everybody gets enough."""
    taken = [[] for _item in outages]
    for plan in sorted((plan for plan in plans if plan.counts), key=lambda plan: plan.start):
        free = [
            number
            for number, own in enumerate(outages)
            if not any(unit in window for window in [*own, *taken[number]] for unit in plan.units)
        ]
        assert len(free) >= plan.quantity
        for number in free[: plan.quantity]:
            taken[number].append(plan.units)


def test_events_that_do_not_meet_each_other_share_an_item(aed):
    ItemFactory.create_batch(2, type=aed)
    store(aed, MasterEventFactory(), [Wanted(0, 2, 1), Wanted(2, 2, 1), Wanted(4, 2, 1)])
    assert availability([aed.pk], moment(0), moment(6)) == {aed.pk: 1}


def test_several_that_end_together_are_all_given_back(aed):
    ItemFactory.create_batch(4, type=aed)
    store(aed, MasterEventFactory(), [Wanted(0, 1, 2), Wanted(0, 1, 2), Wanted(1, 1, 4)])
    assert not short_plans(moment(0), moment(9))
    read = EventPlan.objects.counting().with_availability(moment(0), moment(9))
    assert sorted(row.load for row in read) == [0, 2, 2]


def test_what_touches_does_not_meet(aed):
    ItemFactory(type=aed)
    store(aed, MasterEventFactory(), [Wanted(0, 2, 1)])
    assert availability([aed.pk], moment(2), moment(4)) == {aed.pk: 1}
    assert not competing([aed.pk], moment(2), moment(4))


def test_competing_rows_come_in_order_of_start(aed):
    rows = store(aed, MasterEventFactory(), [Wanted(3, 2, 1), Wanted(0, 4, 2), Wanted(1, 2, 1, counts=False)])
    found = competing([aed.pk], moment(0), moment(9), exclude=None)
    assert list(found) == [rows[1], rows[0]]
    assert list(competing([aed.pk], moment(0), moment(9), exclude=rows[1].event_id)) == [rows[0]]


def test_only_the_types_asked_about(aed):
    other = TypeFactory()
    store(aed, MasterEventFactory(), [Wanted(0, 2, 1)])
    assert [row.type_id for row in short_plans(moment(0), moment(9))] == [aed.pk]
    assert not short_plans(moment(0), moment(9), types=[other.pk])


def test_nothing_else_is_asked_where_nothing_can_be_short(aed, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert not short_plans(moment(0), moment(9))
    ItemFactory(type=aed)
    store(aed, MasterEventFactory(), [Wanted(0, 2, 1)])
    with django_assert_num_queries(1):
        assert not short_plans(moment(0), moment(9))


def test_a_type_without_plans_has_its_whole_pool(aed):
    ItemFactory.create_batch(3, type=aed)
    assert availability([aed.pk], moment(0), moment(1)) == {aed.pk: 3}
    assert dict(EquipmentType.objects.with_pool(moment(0), moment(1)).values_list("pk", "pool")) == {aed.pk: 3}


def test_a_part_of_what_was_asked_about_is_known(aed, django_assert_num_queries):
    store(aed, MasterEventFactory(), [Wanted(4, 2, 1)])
    with shortages_read_once():
        assert len(short_plans(moment(0), moment(9))) == 1
        with django_assert_num_queries(2):  # not which types can be short
            assert len(short_plans(moment(4), moment(6))) == 1
        with django_assert_num_queries(1):
            assert not short_plans(moment(10), moment(12))
    with shortages_read_once(), django_assert_num_queries(1):
        assert not short_plans(moment(6), moment(9))
