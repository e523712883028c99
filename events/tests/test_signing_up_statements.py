"""How many statements signing up and off, and putting others on an event, cost as whole requests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from credentials.tests.factories import QualificationFactory
from events.models import Event
from events.tests.stories import able, fill, history, make_capacity_event, make_event, place, told
from roster.models import User
from roster.tests.factories import make_coordinator, make_member

# Committed, because the worker is woken after the commit.
pytestmark = pytest.mark.django_db(transaction=True)

#: Session, person, settings, locks, record, messages and waking the worker included.
AT_MOST = 20
#: The event's page as it is now, which htmx is answered with; by conditions it works them out as well.
PAGE, CONDITIONS = 8, 3
#: What goes with a duty that is given up is looked for: its debriefing, and who was asked for it.
WHAT_GOES_ALONG = 2
_BRACKETS = {"BEGIN", "COMMIT"}


@pytest.fixture
def leading():
    return QualificationFactory(name="Zdravotník", can_lead=True)


@pytest.fixture
def leader(leading):
    return able(leading)


@pytest.fixture
def event(leading, leader) -> Event:
    """An event of four places whose first is taken by the leader, who is told of whoever comes and goes."""
    return led_by(leader, make_event(leading, places=4, **next_month()), fill)


@pytest.fixture
def seats(leading, leader) -> Event:
    return led_by(leader, make_capacity_event({leading: 1}, **next_month()), place)


def next_month() -> dict[str, Any]:
    start = timezone.now() + timedelta(days=30)
    return {"start": start, "end": start + timedelta(hours=4)}


def led_by(leader: User, event: Event, put: Any) -> Event:
    put(event, leader)
    Event.objects.filter(pk=event.pk).update(responsible_person=leader)
    return event


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person, backend=settings.LOGIN_BACKEND[settings.AUTH_MODE])
    client.get(reverse("events:calendar"))  # the first request of a session writes it
    return client


def cost(client: Client, address: str, data: Any = None, *, target: str | None = None) -> int:
    """Post and count; with a `target` as htmx does."""
    headers = {} if target is None else {"HX-Request": "true", "HX-Target": target}
    with CaptureQueriesContext(connection) as seen:
        answer = client.post(address, data or {}, headers=headers)
    assert answer.status_code == (302 if target is None else 200)
    asked = [query["sql"] for query in seen.captured_queries if query["sql"] not in _BRACKETS]
    # Types of content are asked for once in the life of a connection, and kept.
    return sum('FROM "django_content_type"' not in sql for sql in asked)


def claim_of(event: Event) -> str:
    free = event.positions.free().filter(qualifications=None).order_by("pk").first()
    return reverse("events:claim", args=[free.pk])


def test_a_claim_and_signing_off_again(event, leader):
    person = make_member()
    client = client_of(person)
    assert cost(client, claim_of(event)) <= AT_MOST
    assert told() == {("assignment_confirmed", person), ("place_filled", leader)}
    assert cost(client, reverse("events:leave", args=[event.pk])) <= AT_MOST + WHAT_GOES_ALONG
    assert not event.assignments.filter(person=person).exists()


def test_a_claim_that_brings_a_leader(leading):
    event = make_event(leading, places=4, **next_month())
    assert cost(client_of(able(leading)), claim_of(event)) <= AT_MOST
    assert [entry.content_type.model for entry in history(event)][-2:] == ["assignment", "event"]


def test_a_claim_from_a_row_of_the_list_and_on_the_page(event):
    target = f"event-{event.pk}"
    assert cost(client_of(make_member()), claim_of(event), {"next": "/events/"}, target=target) <= AT_MOST
    assert cost(client_of(make_member()), claim_of(event), target="crew") <= AT_MOST + PAGE


def test_a_seat_and_giving_it_up_again(seats):
    client = client_of(make_member())
    assert cost(client, reverse("events:signup", args=[seats.pk])) <= AT_MOST
    # Whoever could take the freed seat is looked for among everybody, and the way back is offered.
    assert cost(client, reverse("events:leave", args=[seats.pk])) <= AT_MOST + PAGE + WHAT_GOES_ALONG
    assert cost(client, reverse("events:signup", args=[seats.pk]), target="crew") <= AT_MOST + PAGE + CONDITIONS


def test_putting_somebody_on_a_place(event):
    client, person = client_of(make_coordinator()), make_member()
    free = event.positions.free().order_by("-pk").first()
    address = f"{reverse('events:assign', args=[event.pk])}?position={free.pk}"
    assert cost(client, address, {"person": str(person.pk)}) <= AT_MOST
    assert event.assignments.get(position=free).person == person


def test_the_worker_is_woken_once(event):
    client = client_of(make_member())
    OrmQ.objects.all().delete()
    client.post(claim_of(event))
    assert OrmQ.objects.count() == 1
