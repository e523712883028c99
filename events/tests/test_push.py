"""News about events in a browser: what it shows, and the page that it opens."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Event
from events.rules.lifecycle import Status
from events.services import crew, lifecycle
from events.tests.factories import EVENING, EventFactory, PositionFactory, put
from medcover.system.models import SiteSettings
from notifications.models import OutboxMessage, PushChoice
from notifications.push import keys
from notifications.push.composing import Note, compose
from notifications.tests.push.devices import subscribed
from roster.models import User
from roster.tests.factories import make_admin, make_member

pytestmark = pytest.mark.django_db

NOW = EVENING - timedelta(days=10)


@pytest.fixture(autouse=True)
def _now(settings):
    settings.VAPID_PRIVATE_KEY, settings.VAPID_SUBJECT = keys.new_pair().private, "mailto:spravce@example.org"
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def member() -> User:
    person = make_member()
    subscribed(person)
    return person


def pushed(person: User) -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(recipient=person, channel="push").order_by("created_at"))


def note_of(message: OutboxMessage) -> Note | None:
    return compose(message, SiteSettings.load())


def test_a_cancelled_event_says_what_when_and_where(member):
    event = EventFactory(name="Půlmaraton", status=Status.OPEN, start=EVENING, address="Letná\nPraha 7")
    put(member, PositionFactory(event=event))
    lifecycle.transition(event.pk, "cancel", by=make_admin(), at=NOW)
    (message,) = pushed(member)
    note = note_of(message)
    assert note is not None
    assert (note.title, note.path) == ("Akce zrušena: Půlmaraton", event.get_absolute_url())
    assert note.line.startswith(f"{EVENING:%d.%m.%Y}")
    assert note.line.endswith("Letná Praha 7")
    assert note.is_urgent


def test_a_reader_s_language_is_theirs(member):
    User.objects.filter(pk=member.pk).update(language="en")
    event = EventFactory(name="Půlmaraton", status=Status.OPEN)
    put(member, PositionFactory(event=event))
    lifecycle.transition(event.pk, "cancel", by=make_admin(), at=NOW)
    (message,) = pushed(member)
    note = note_of(message)
    assert note is not None
    assert note.title == "Event cancelled: Půlmaraton"


def test_what_is_not_urgent_comes_only_to_who_asked_for_it_and_at_once(member):
    PushChoice.objects.create(person=member, code="event_published", wanted=True)
    other = make_member()
    subscribed(other)
    event = EventFactory(name="Ples", status=Status.DRAFT, start=EVENING + timedelta(days=90))
    lifecycle.transition(event.pk, "publish", by=make_admin(), at=NOW)
    codes = [(message.code, message.send_after) for message in pushed(member)]
    assert ("event_published", None) in codes
    assert not pushed(other)


def test_what_is_gone_is_not_told(member):
    event = EventFactory(status=Status.OPEN)
    put(member, PositionFactory(event=event))
    lifecycle.transition(event.pk, "cancel", by=make_admin(), at=NOW)
    (message,) = pushed(member)
    message.payload["event_id"] = 0
    assert note_of(message) is None


def test_signing_up_costs_the_same_with_a_device():
    """Sign-ups are what the house counts most carefully."""
    person = make_member()
    _cost_of_signing_up(person)
    before = _cost_of_signing_up(person)
    subscribed(person)
    PushChoice.objects.create(person=person, code="assignment_confirmed", wanted=True)
    assert _cost_of_signing_up(person) == before
    assert [message.code for message in pushed(person)] == ["assignment_confirmed"]


def _cost_of_signing_up(person: User) -> int:
    event = EventFactory(status=Status.OPEN, start=EVENING + timedelta(days=Event.objects.count()))
    place = PositionFactory(event=event)
    with CaptureQueriesContext(connection) as captured:
        crew.claim(place.pk, by=User.objects.get(pk=person.pk), at=NOW)
    return len(captured)
