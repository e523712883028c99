"""Tests of rows that Jinja draws: what stands in them is escaped, and no row costs a statement of its own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from equipment.tests.factories import (
    ConsumableFactory,
    EventPlanFactory,
    ItemFactory,
    LocationFactory,
    PlanFactory,
    TypeFactory,
    inspected,
    issued,
    packed,
    stocked,
)
from events.tests.factories import EventFactory
from roster.tests.factories import UserFactory, make_coordinator

pytestmark = pytest.mark.django_db

HOSTILE = "<script>x</script>\"'&"


@pytest.fixture
def client():
    client = Client()
    client.force_login(make_coordinator(), backend="roster.backends.RoleBackend")
    return client


def make(number: int):
    """An item all of whose names are hostile, which somebody has, at an event, with an inspection."""
    kind, location = TypeFactory(name=f"{HOSTILE}{number}"), LocationFactory(name=f"{HOSTILE}{number}")
    item = ItemFactory(name=f"{HOSTILE}{number}", type=kind, location=location, place=HOSTILE, serial_number=HOSTILE)
    issued(UserFactory(name=HOSTILE), item)
    inspected(item, PlanFactory(type=kind, name=HOSTILE), timezone.localdate() - timedelta(days=360))
    return item


def sources(client: Client) -> list[str]:
    """Return the sources of all pages with such rows."""
    item, event = make(1), EventFactory(name=HOSTILE, start=timezone.now() + timedelta(hours=5))
    packed(event, make(2))
    EventPlanFactory(event=event, type=item.type)
    kind = ConsumableFactory(name=HOSTILE, unit=HOSTILE)
    stocked(kind, 3, number=HOSTILE, location=item.location)
    paths = ("", "inspections/?ahead=all", f"packing/{event.pk}/?mode=pack", f"consumables/{kind.pk}/", f"{item.pk}/")
    return [client.get(f"/equipment/{path}").content.decode() for path in paths]


def test_what_stands_in_rows_is_escaped(client):
    for source in sources(client):
        assert "<script>x" not in source
        assert "&lt;script&gt;x" in source


@pytest.mark.parametrize("path", ["", "inspections/?ahead=all"])
def test_rows_cost_no_statement_of_their_own(client, path, django_assert_num_queries, django_assert_max_num_queries):
    make(1)
    client.get(f"/equipment/{path}")
    with django_assert_max_num_queries(14) as few:
        client.get(f"/equipment/{path}")
    for number in range(2, 7):
        make(number)
    with django_assert_num_queries(len(few)):
        client.get(f"/equipment/{path}")


def test_the_filter_stays_as_it_was_chosen(client):
    kind, other = make(1).type, make(2).type
    source = " ".join(client.get(f"/equipment/?type={kind.pk}&location=").content.decode().split())
    assert f'<option value="{kind.pk}" selected>' in source
    assert f'<option value="{other.pk}">' in source
    assert source.count(" selected>") == 2  # and all locations
