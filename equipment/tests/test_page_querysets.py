"""Tests of prepared queries for pages: they tell the same as the querysets that everybody else uses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from equipment import page_querysets
from equipment.models import EquipmentItem
from equipment.tests.factories import ItemFactory, issued, make_technician, out_of_service, packed, repair_of
from events.rules.lifecycle import Status
from events.tests.factories import EventFactory
from roster.tests.factories import UserFactory, make_coordinator, make_viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def items():
    """One that somebody has, one with times out of service, one with repairs, and one with nothing."""
    now, person = timezone.now(), UserFactory(name="Novák Jan")
    held, served, broken, plain = ItemFactory.create_batch(4)
    issued(person, held)
    issued(person, plain, returned_at=now + timedelta(hours=1))
    for days in (3, 1):
        out_of_service(served, now + timedelta(days=days), now + timedelta(days=days, hours=1))
    out_of_service(served, now - timedelta(days=9), now - timedelta(days=8))
    repair_of(broken, severity="degraded")
    repair_of(broken, severity="down")
    repair_of(plain, status="resolved")
    return [held, served, broken, plain]


def told(item) -> tuple[list, ...]:
    repairs = [(repair, repair.open_count, repair.is_blocked) for repair in item.determining_repairs]
    return [(issue, issue.person.name) for issue in item.open_issues], item.windows_left, repairs


def test_state_is_the_same_as_by_the_queryset(items, django_assert_num_queries):
    at = timezone.now()
    read = EquipmentItem.objects.with_holder().with_windows_left(at).with_status()
    expected = {item.pk: told(item) for item in read}
    with django_assert_num_queries(3):
        page_querysets.attach_state(items, at)
        assert {item.pk: told(item) for item in items} == expected
    assert [len(part) for part in expected[items[1].pk]] == [0, 2, 0]


def test_nothing_is_asked_for_no_items(django_assert_num_queries):
    with django_assert_num_queries(0):
        page_querysets.attach_state([], timezone.now())


def test_an_item_that_is_not_there():
    assert page_querysets.read_item(10**30, timezone.now()) is None


def test_where_it_is_only_for_whoever_may_know():
    item = packed(EventFactory(status=Status.DRAFT, name="Tajná")).item
    assert page_querysets.packed_now(item, make_coordinator()).event.name == "Tajná"
    for reader in (make_viewer(), make_technician()):
        assert page_querysets.packed_now(item, reader) is None
        assert page_querysets.history_of(item, reader)["packings"] == []


def test_of_people_and_events_the_names_come_along(django_assert_num_queries):
    coordinator = make_coordinator()
    item = packed(EventFactory(name="Koncert"), outcome="in_order", taken_by=coordinator).item
    issued(coordinator, item, returned_at=timezone.now() + timedelta(hours=1), returned_by=coordinator)
    assert coordinator.has_perm("equipment.view_equipment")  # reads the roles
    with django_assert_num_queries(5):
        found = page_querysets.history_of(item, coordinator)
        (issue,), (packing,) = found["issues"], found["packings"]
        assert (issue.person.name, issue.returned_by.name, issue.issued_by) == (*[coordinator.name] * 2, None)
        assert (packing.event.name, packing.taken_by.name) == ("Koncert", coordinator.name)
