"""The waiting list: who may queue, and leaving it again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from credentials.tests.factories import QualificationFactory
from events.models import Event
from events.rules.lifecycle import Status
from events.rules.waiting import OfferState
from events.services import crew, waiting
from events.tests import queues
from events.tests.factories import EVENING, MasterEventFactory, PositionFactory, put
from events.tests.queues import (
    full_capacity_event,
    full_event,
    offer_to,
    offered,
    offered_place,
    refused,
    state_of,
    wait,
)
from events.tests.stories import NOW, able, history, make_event, told
from roster.tests.factories import make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def leading():
    return QualificationFactory(name="Zdravotník", can_lead=True)


@pytest.fixture
def driver():
    return QualificationFactory(name="Řidič")


@pytest.fixture
def full(leading):
    """A full event, its leader, and a member on a place for anybody."""
    return full_event(leading)


class TestQueueing:
    def test_is_recorded_and_tells_nobody(self, full):
        event, person = full[0], make_member()
        waiting.queue(event.pk, by=person, at=NOW)
        assert queues.waiting(event) == [person]
        assert told() == set()
        (entry,) = history(event, kind="create", content_type__model="queueentry")
        assert (entry.actor, person.name in entry.summary) == (person, True)

    def test_in_order_of_coming(self, full):
        first, second = make_member(), make_member()
        waiting.queue(full[0].pk, by=first, at=NOW)
        waiting.queue(full[0].pk, by=second, at=NOW + timedelta(seconds=1))
        assert queues.waiting(full[0]) == [first, second]

    def test_of_an_open_event_whose_free_places_do_not_fit(self, leading, driver):
        event = make_event(leading, places=1)
        put(able(driver), PositionFactory(event=event, qualifications=[driver]))
        waiting.queue(event.pk, by=able(driver), at=NOW)

    def test_of_an_event_closed_by_hand(self, full):
        Event.objects.update(capacity_closed=False)
        waiting.queue(full[0].pk, by=make_member(), at=NOW)

    @pytest.mark.parametrize("status", [Status.DRAFT, Status.PUBLISHED, Status.COMPLETED, Status.CANCELLED])
    def test_refused_in_other_states(self, full, status):
        Event.objects.update(status=status, capacity_closed=False)
        refused(waiting.queue, full[0].pk, by=make_member(), at=NOW)

    def test_refused_on_archived_events(self, full):
        Event.objects.update(is_archived=True)
        refused(waiting.queue, full[0].pk, by=make_member(), at=NOW)

    def test_refused_once_it_has_started(self, full):
        assert refused(waiting.queue, full[0].pk, by=make_member(), at=EVENING) == "Akce už začala."

    def test_refused_without_the_right(self, full):
        refused(waiting.queue, full[0].pk, by=make_viewer(), at=NOW)

    def test_refused_where_a_coordinator_places_people_but_not_to_one(self, full):
        Event.objects.update(master_event=MasterEventFactory(coordinator=make_coordinator()))
        refused(waiting.queue, full[0].pk, by=make_member(), at=NOW)
        waiting.queue(full[0].pk, by=make_coordinator(), at=NOW)

    def test_refused_to_participants(self, full):
        event, _leader, other = full
        refused(waiting.queue, event.pk, by=other, at=NOW)

    def test_refused_twice(self, full):
        person = make_member()
        waiting.queue(full[0].pk, by=person, at=NOW)
        assert "už jste" in refused(waiting.queue, full[0].pk, by=person, at=NOW)
        assert full[0].queue.count() == 1

    def test_refused_while_a_fitting_place_is_free(self, leading):
        event = make_event(leading)
        assert "stačí se přihlásit" in refused(waiting.queue, event.pk, by=make_member(), at=NOW)

    def test_refused_where_no_place_would_ever_fit(self, leading):
        event = make_event(leading, places=1)
        assert "Žádná pozice" in refused(waiting.queue, event.pk, by=make_member(), at=NOW)

    def test_a_place_held_for_somebody_else_is_not_free(self, full):
        event, _leader, other = full
        offered_place(event, other, make_member())
        waiting.queue(event.pk, by=make_member(), at=NOW)

    def test_of_conditions_while_seats_are_reserved(self, leading):
        event = full_capacity_event({leading: 1}, make_member(), maximum=2)
        Event.objects.update(status=Status.OPEN, capacity_closed=False)
        waiting.queue(event.pk, by=make_member(), at=NOW)
        refused(waiting.queue, event.pk, by=able(leading), at=NOW)

    def test_the_database_has_the_last_word(self, full):
        person = make_member()
        wait(full[0], person)
        with pytest.raises(IntegrityError), transaction.atomic():
            wait(full[0], person)


class TestLeavingTheQueue:
    def test_is_recorded(self, full):
        person = make_member()
        wait(full[0], person)
        waiting.unqueue(full[0].pk, by=person, at=NOW)
        assert queues.waiting(full[0]) == []
        assert history(full[0], kind="delete", content_type__model="queueentry")[0].actor == person

    def test_refused_to_who_is_not_in_it(self, full):
        assert "nejste" in refused(waiting.unqueue, full[0].pk, by=make_member(), at=NOW)

    def test_with_an_offer_declines_it(self, full):
        event, _leader, other = full
        person, after = make_member(), make_member()
        wait(event, person, after)
        crew.leave(event.pk, by=other, at=NOW)
        offer = offer_to(person)
        waiting.unqueue(event.pk, by=person, at=NOW)
        assert state_of(offer) == OfferState.DECLINED
        assert offered(event) == [after]
