"""From one event of the list to the next."""

from __future__ import annotations

from datetime import timedelta

import pytest

from events.rules.lifecycle import Status
from events.tests.factories import EVENING, EventFactory, MasterEventFactory
from events.tests.pages import HTMX, inline_parts, logged_in, text_of
from roster.tests.factories import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return logged_in(make_member())


@pytest.fixture
def events():
    return [EventFactory(name=name, start=EVENING + timedelta(days=day)) for day, name in enumerate("ABC")]


def beside(client, event):
    found = client.get(f"/events/{event.pk}/").context["neighbours"]
    return found and (found.previous, found.place, found.count, found.next)


def test_the_list_s_order_is_that_of_the_arrows(client, events):
    first, second, third = events
    client.get("/events/")
    assert beside(client, first) == (None, 1, 3, second.pk)
    assert beside(client, second) == (first.pk, 2, 3, third.pk)
    assert beside(client, third) == (second.pk, 3, 3, None)
    client.get("/events/?sort=-name")
    assert beside(client, third) == (None, 1, 3, second.pk)


def test_only_what_the_list_showed_counts(client, events):
    hidden = EventFactory(status=Status.COMPLETED)
    assert beside(client, hidden) is None
    client.get("/events/", {"q": "B"}, headers=HTMX)
    assert beside(client, events[0]) is None
    assert beside(client, events[1]) == (None, 1, 1, None)


def test_a_page_of_the_list_is_a_list(client):
    EventFactory.create_batch(80)
    client.get("/events/?page=2")
    assert len(client.session["events_shown"]) == 5


def test_everybody_has_their_own(client, events):
    client.get("/events/")
    assert beside(logged_in(make_member()), events[0]) is None


def test_the_page_shows_the_place_and_the_ways(client, events):
    client.get("/events/")
    answer = client.get(f"/events/{events[0].pk}/")
    text = text_of(answer)
    assert "1 / 3" in text
    assert f'rel="next" href="/events/{events[1].pk}/"' in text
    assert 'rel="prev"' not in text
    assert inline_parts(answer) == []


def test_the_page_of_a_master_event_is_a_list_too(client):
    master = MasterEventFactory()
    older, newer = (EventFactory(master_event=master, start=EVENING + timedelta(days=day)) for day in (0, 1))
    client.get(f"/master-events/{master.pk}/")
    assert beside(client, newer) == (None, 1, 2, older.pk)
