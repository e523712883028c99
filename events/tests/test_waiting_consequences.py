"""What changes of plans, of events and of people mean for those who wait."""

from __future__ import annotations

from datetime import timedelta

import pytest

from credentials import services as credentials
from credentials.tests.factories import QualificationFactory
from events.models import Event, Offer, QueueEntry
from events.rules.lifecycle import Status
from events.rules.waiting import OfferState
from events.services import archiving, conditions, crew, handover, lifecycle, masters, planning, positions, waiting
from events.services.conditions import ConditionsPlan
from events.services.positions import PositionPlan
from events.tests import queues
from events.tests.factories import EVENING, MasterEventFactory
from events.tests.queues import full_capacity_event, full_event, offer_to, offered, offered_place, state_of, wait
from events.tests.stories import NOW, able, told
from roster import services as roster
from roster.rights import Role
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def leading():
    return QualificationFactory(name="Zdravotník", can_lead=True)


@pytest.fixture
def boss():
    return make_coordinator()


@pytest.fixture
def full(leading):
    return full_event(leading)


@pytest.fixture
def held(full):
    """A full event with one place held for somebody."""
    event, _leader, other = full
    person = make_member()
    return event, offered_place(event, other, person), person


class TestOfPlans:
    def test_an_added_place_is_offered(self, full, boss):
        person = make_member()
        wait(full[0], person)
        positions.add_positions(full[0].pk, PositionPlan("Zelenáč"), by=boss)
        assert offered(full[0]) == [person]
        assert queues.fresh(full[0]).status == Status.CLOSED

    def test_added_places_are_offered_to_as_many(self, full, boss):
        people = [make_member() for _n in range(3)]
        wait(full[0], *people)
        positions.add_positions(full[0].pk, PositionPlan(), by=boss, count=2)
        assert offered(full[0]) == people[:2]

    def test_more_places_than_people_reopen(self, full, boss):
        wait(full[0], make_member())
        positions.add_positions(full[0].pk, PositionPlan(), by=boss, count=2)
        assert queues.fresh(full[0]).status == Status.OPEN

    def test_an_added_place_of_an_event_closed_by_hand_is_not(self, full, boss):
        Event.objects.update(capacity_closed=False)
        wait(full[0], make_member())
        positions.add_positions(full[0].pk, PositionPlan(), by=boss)
        assert offered(full[0]) == []

    def test_a_raised_maximum_is_offered(self, leading, boss):
        event = full_capacity_event({leading: 1}, able(leading), maximum=1)
        people = [make_member(), make_member()]
        wait(event, *people)
        rows = conditions.plan_of(event).rows
        planning.edit_event(event.pk, by=boss, version=None, plan=ConditionsPlan(1, 2, rows))
        assert offered(event) == people[:1]

    def test_a_lowered_maximum_takes_the_newest_offer_back(self, leading, boss):
        people = [able(leading), make_member(), make_member()]
        event = full_capacity_event({leading: 1}, *people, maximum=3)
        first, second = make_member(), make_member()
        wait(event, first, second)
        for leaver in people[1:]:
            crew.leave(event.pk, by=leaver, at=NOW)
        rows = conditions.plan_of(event).rows
        planning.edit_event(event.pk, by=boss, version=None, plan=ConditionsPlan(1, 2, rows))
        assert (offered(event), queues.waiting(event)) == ([first], [first, second])

    def test_new_demands_take_the_offer_back(self, held, leading, boss):
        event, offer, person = held
        demanding = PositionPlan("Zdravotník", qualifications=[leading])
        positions.edit_position(offer.position_id, demanding, by=boss)
        assert state_of(offer) == OfferState.WITHDRAWN
        assert ("offer_withdrawn", person) in told()
        assert queues.waiting(event) == [person]
        assert queues.fresh(event).status == Status.OPEN

    def test_softened_demands_let_others_in(self, full, boss):
        event, leader, _other = full
        person = make_member()
        wait(event, person)
        crew.leave(event.pk, by=leader, at=NOW)
        leading_place = event.positions.free().get()
        positions.add_positions(
            event.pk, PositionPlan(qualifications=list(leading_place.qualifications.all())), by=boss
        )
        positions.edit_position(leading_place.pk, PositionPlan("Pro každého"), by=boss)
        assert offered(event) == [person]

    def test_a_held_place_can_be_deleted(self, held, boss):
        event, offer, person = held
        positions.delete_position(offer.position_id, by=boss)
        assert (state_of(offer), queues.fresh(offer).position) == (OfferState.WITHDRAWN, None)
        assert (event.positions.count(), queues.waiting(event)) == (1, [person])

    def test_an_earlier_start_shortens_the_offer(self, held, boss):
        event, offer, _person = held
        start = offer.expires_at - timedelta(hours=2)
        planning.edit_event(event.pk, by=boss, version=None, start=start, end=start + timedelta(hours=3))
        assert queues.fresh(offer).expires_at == start

    def test_on_another_day_whoever_is_not_qualified_loses_the_offer(self, full, leading, boss):
        event, leader, _other = full
        person = make_member()
        credentials.grant(person.pk, leading.pk, by=make_admin(), at=NOW, valid_until=EVENING.date())
        offer = offered_place(event, leader, person)
        start = EVENING + timedelta(days=1)
        planning.edit_event(event.pk, by=boss, version=None, start=start, end=start + timedelta(hours=3))
        assert state_of(offer) == OfferState.WITHDRAWN

    def test_under_a_coordinator_nobody_takes_places_by_themselves(self, held, boss):
        event, offer, _person = held
        master = MasterEventFactory(coordinator=boss)
        planning.edit_event(event.pk, by=boss, version=None, master_event=master)
        assert state_of(offer) == OfferState.WITHDRAWN
        master.coordinator = None
        masters.save_master_event(master, by=boss)
        assert offered(event) == [offer.person]


class TestOfEvents:
    def test_closing_by_hand_takes_offers_back_but_not_the_turn(self, full, leading, boss):
        event, leader, other = full
        person = make_member()
        crew.leave(event.pk, by=leader, at=NOW)
        offer = offered_place(event, other, person)
        lifecycle.transition(event.pk, "close", by=boss, at=NOW)
        assert state_of(offer) == OfferState.WITHDRAWN
        assert ("offer_withdrawn", person) in told()
        assert queues.waiting(event) == [person]
        lifecycle.transition(event.pk, "open", by=boss, at=NOW)
        assert offered(event) == [person]

    @pytest.mark.parametrize("end", ["cancel", "archive", "complete", "archive_master"])
    def test_the_end_of_an_event_ends_the_waiting(self, held, end):
        event, offer, person = held
        queued, admin = make_member(), make_admin()
        wait(event, queued)
        leader = event.responsible_person
        proposal = handover.propose(event.pk, able(event.positions.first().qualifications.get()).pk, by=leader, at=NOW)
        if end == "cancel":
            lifecycle.transition(event.pk, "cancel", by=admin, at=NOW)
        elif end == "archive":
            archiving.archive_event(event.pk, by=admin)
        elif end == "complete":
            assert lifecycle.complete_due(at=event.end) == 1
        else:
            Event.objects.update(master_event=(master := MasterEventFactory()))
            masters.archive_master_event(master.pk, by=admin)
        assert (state_of(offer), queues.fresh(proposal).state) == ("withdrawn", "withdrawn")
        assert not event.queue.exists()
        if end != "complete":
            assert {reader for code, reader in told() if code in ("event_cancelled", "event_archived")} >= {
                person, queued, leader,
            }  # fmt: skip

    def test_what_comes_back_comes_back_without_a_queue(self, held):
        event, _offer, _person = held
        admin = make_admin()
        archiving.archive_event(event.pk, by=admin)
        archiving.unarchive_event(event.pk, by=admin)
        assert not event.queue.exists()


class TestOfPeople:
    @pytest.mark.parametrize("loss", ["deactivate", "archive", "roles"])
    def test_whoever_may_not_sign_up_any_more_is_forgotten_and_the_next_asked(self, full, loss):
        event, _leader, other = full
        person, after, admin = make_member(), make_member(), make_admin()
        wait(event, person, after)
        crew.leave(event.pk, by=other, at=NOW)
        offer = offer_to(person)
        if loss == "roles":
            roster.set_roles(person.pk, [Role.VIEWER], by=admin, at=NOW)
        else:
            getattr(roster, loss)(person.pk, by=admin, at=NOW)
        assert state_of(offer) == OfferState.WITHDRAWN
        assert (offered(event), queues.waiting(event)) == ([after], [after])

    def test_without_anybody_else_the_place_is_free_and_told(self, held):
        event, _offer, person = held
        reader = make_member()
        roster.deactivate(person.pk, by=make_admin(), at=NOW)
        assert queues.fresh(event).status == Status.OPEN
        assert ("place_available", reader) in told()

    def test_a_new_qualification_brings_an_offer(self, full, leading):
        event, leader, _other = full
        person = make_member()
        wait(event, person)
        crew.leave(event.pk, by=leader, at=NOW)
        assert offered(event) == []
        credentials.grant(person.pk, leading.pk, by=make_admin(), at=NOW)
        assert offered(event) == [person]
        assert queues.fresh(event).status == Status.CLOSED

    def test_a_new_link_between_qualifications_does_so_too(self, full, leading):
        event, leader, _other = full
        doctor = QualificationFactory(name="Lékař", can_lead=True)
        person = able(doctor)
        wait(event, person)
        crew.leave(event.pk, by=leader, at=NOW)
        credentials.save_qualification(queues.fresh(leading), direct_substitutes=[doctor.pk], by=make_admin(), at=NOW)
        assert offered(event) == [person]

    def test_a_lost_qualification_takes_the_offer_but_not_the_turn(self, full, leading):
        event, leader, _other = full
        person = able(leading)
        offer = offered_place(event, leader, person)
        credentials.withdraw(person.pk, leading.pk, by=make_admin(), at=NOW)
        assert state_of(offer) == OfferState.WITHDRAWN
        assert queues.waiting(event) == [person]

    def test_whoever_is_put_on_the_event_waits_no_longer(self, full, boss):
        event, _leader, other = full
        person = make_member()
        wait(event, person)
        Event.objects.update(status=Status.CLOSED, capacity_closed=False)
        event.assignments.get(person=other).delete()
        crew.assign(event.positions.free().get().pk, person.pk, by=boss, at=NOW)
        assert not QueueEntry.objects.exists()

    def test_other_events_are_left_alone(self, held, leading):
        event, offer, _person = held
        roster.deactivate(make_member().pk, by=make_admin(), at=NOW)
        credentials.grant(make_member().pk, leading.pk, by=make_admin(), at=NOW)
        assert (state_of(offer), event.queue.count()) == (OfferState.OPEN, 1)


def test_the_whole_road_of_one_place(full, boss):
    """Declined, expired, withdrawn with the account, at last accepted."""
    event, _leader, other = full
    first, second, third, fourth = (make_member() for _n in range(4))
    wait(event, first, second, third, fourth)
    crew.leave(event.pk, by=other, at=NOW)
    waiting.decline(offer_to(first).pk, by=first, at=NOW)
    waiting.expire_due(at=NOW + timedelta(hours=13))
    roster.deactivate(third.pk, by=make_admin(), at=NOW + timedelta(hours=14))
    waiting.accept(offer_to(fourth).pk, by=fourth, at=NOW + timedelta(hours=15))
    assert [offer.state for offer in Offer.objects.order_by("pk")] == ["declined", "expired", "withdrawn", "accepted"]
    assert not QueueEntry.objects.exists()
    assert event.assignments.filter(person=fourth).exists()
