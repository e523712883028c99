"""Offers on events staffed by conditions, and on events that are opened by hand."""

from __future__ import annotations

import pytest

from credentials.tests.factories import QualificationFactory
from events.models import Event
from events.rules.lifecycle import Status
from events.rules.waiting import OfferState
from events.services import crew, lifecycle, waiting
from events.tests import queues
from events.tests.queues import (
    full_capacity_event,
    offer_to,
    offered,
    offered_place,
    refused,
    state_of,
    wait,
)
from events.tests.stories import NOW, able, make_event, told
from roster.tests.factories import make_coordinator, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def leading():
    return QualificationFactory(name="Zdravotník", can_lead=True)


class TestOfConditions:
    @pytest.fixture
    def event(self, leading):
        return full_capacity_event({leading: 1}, able(leading), make_member(), maximum=2)

    def leaver(self, event, leading, *, leads):
        holders = event.assignments.filter(person__holdings__qualification=leading)
        rows = holders if leads else event.assignments.exclude(pk__in=holders)
        return rows.get().person

    def test_who_helps_comes_before_who_came_first(self, event, leading):
        first, helping = make_member(), able(leading)
        wait(event, first, helping)
        crew.leave(event.pk, by=self.leaver(event, leading, leads=True), at=NOW)
        assert offered(event) == [helping]
        assert offer_to(helping).position is None

    def test_otherwise_who_came_first(self, event, leading):
        first, second = make_member(), able(leading)
        wait(event, first, second)
        crew.leave(event.pk, by=self.leaver(event, leading, leads=False), at=NOW)
        assert offered(event) == [first]

    def test_the_seat_is_held(self, event, leading):
        person = make_member()
        offer = offered_place(event, self.leaver(event, leading, leads=False), person)
        event = queues.fresh(event)
        assert (event.status, event.capacity_closed) == (Status.CLOSED, True)
        Event.objects.update(status=Status.OPEN, capacity_closed=False)
        stranger = make_member()
        assert "06.05.2027 06:00" in refused(crew.join, event.pk, by=stranger, at=NOW)
        assert event not in Event.objects.joinable_by(stranger)
        assert event in Event.objects.joinable_by(person)
        crew.join(event.pk, by=person, at=NOW)
        assert state_of(offer) == OfferState.ACCEPTED

    def test_accepting_takes_it(self, event, leading):
        person = make_member()
        offer = offered_place(event, self.leaver(event, leading, leads=False), person)
        waiting.accept(offer.pk, by=person, at=NOW)
        assert event.assignments.filter(person=person, position=None).exists()

    def test_a_coordinator_assigns_over_the_newest_offer(self, leading):
        people = [able(leading), make_member(), make_member()]
        event = full_capacity_event({leading: 1}, *people, maximum=3)
        first, second = make_member(), make_member()
        wait(event, first, second)
        for leaver in people[1:]:
            crew.leave(event.pk, by=leaver, at=NOW)
        assert offered(event) == [first, second]
        crew.assign_to_event(event.pk, make_member().pk, by=make_coordinator(), at=NOW)
        assert offered(event) == [first]
        assert queues.waiting(event) == [first, second]
        assert ("offer_withdrawn", second) in told()

    def test_closed_by_hand_it_offers_nothing(self, event, leading):
        Event.objects.update(capacity_closed=False)
        wait(event, make_member())
        crew.leave(event.pk, by=self.leaver(event, leading, leads=False), at=NOW)
        event = queues.fresh(event)
        assert (offered(event), event.status, event.capacity_closed) == ([], Status.CLOSED, False)

    def test_everybody_declining_reopens(self, event, leading):
        person = make_member()
        offer = offered_place(event, self.leaver(event, leading, leads=False), person)
        waiting.decline(offer.pk, by=person, at=NOW)
        assert queues.fresh(event).status == Status.OPEN

    def test_a_reserved_seat_is_not_offered_to_others(self, event, leading):
        wait(event, make_member())
        crew.leave(event.pk, by=self.leaver(event, leading, leads=True), at=NOW)
        assert offered(event) == []
        assert queues.fresh(event).status == Status.OPEN


def test_reopening_by_hand_serves_the_queue_first_and_quietly(leading):
    boss = make_coordinator()
    event = make_event(leading, status=Status.CLOSED, places=1)
    person = able(leading)
    wait(event, person)
    lifecycle.transition(event.pk, "open", by=boss, at=NOW)
    event = queues.fresh(event)
    assert offered(event) == [person]
    assert (event.status, event.capacity_closed) == (Status.CLOSED, True)
    assert told() == {("place_offered", person)}
    refused(lifecycle.transition, event.pk, "open", by=boss, at=NOW)
