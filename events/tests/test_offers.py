"""What becomes of free positions: offered, held, answered, expired."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from credentials.tests.factories import QualificationFactory
from events import jobs
from events.models import Event, Offer, QueueEntry
from events.rules.lifecycle import Status
from events.rules.waiting import OfferState
from events.services import crew, waiting
from events.tests import queues
from events.tests.factories import EVENING, EventFactory, MasterEventFactory, PositionFactory, put
from events.tests.queues import (
    full_event,
    offer_to,
    offered,
    offered_place,
    refused,
    state_of,
    wait,
)
from events.tests.stories import NOW, able, history, make_event, told
from events.views.listing import rows_for
from medcover.system.models import SiteSettings
from notifications.models import OutboxMessage
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


class TestOffering:
    def test_a_freed_place_goes_to_the_first_who_fits(self, leading, driver):
        event = make_event(leading, status=Status.CLOSED, capacity_closed=True, places=1)
        place = PositionFactory(event=event, qualifications=[driver])
        leaver = able(driver)
        put(able(leading), event.positions.first())
        put(leaver, place)
        unfit, fit, later = make_member(), able(driver), able(driver)
        wait(event, unfit, fit, later)
        crew.leave(event.pk, by=leaver, at=NOW)
        offer = Offer.objects.get()
        assert (offer.person, offer.position, offer.state) == (fit, place, OfferState.OPEN)
        assert offer.expires_at == NOW + timedelta(hours=12)
        assert ("place_offered", fit) in told()
        assert queues.waiting(event) == [unfit, fit, later]

    def test_nobody_is_placed_without_having_accepted(self, full):
        event, leader, other = full
        offered_place(event, other, make_member())
        assert [assignment.person for assignment in event.assignments.all()] == [leader]

    def test_sign_ups_stay_closed_while_the_place_is_held(self, full):
        event, _leader, other = full
        offered_place(event, other, make_member())
        event = queues.fresh(event)
        assert (event.status, event.capacity_closed) == (Status.CLOSED, True)
        assert not history(event, kind="status_change")

    def test_without_a_queue_sign_ups_reopen(self, full):
        event, _leader, other = full
        crew.leave(event.pk, by=other, at=NOW)
        assert queues.fresh(event).status == Status.OPEN

    def test_where_nobody_fits_sign_ups_reopen_and_the_queue_stays(self, leading):
        event, leader, _other = full_event(leading)
        person = make_member()
        wait(event, person)
        crew.leave(event.pk, by=leader, at=NOW)
        assert queues.fresh(event).status == Status.OPEN
        assert (offered(event), queues.waiting(event)) == ([], [person])

    def test_the_setting_says_how_long(self, full):
        SiteSettings.load()
        SiteSettings.objects.update(offer_hours=24)
        event, _leader, other = full
        assert offered_place(event, other, make_member()).expires_at == NOW + timedelta(hours=24)

    def test_near_the_start_it_is_shorter_and_afterwards_there_is_none(self, full):
        event, leader, other = full
        person = make_member()
        at = EVENING - timedelta(hours=4)
        assert offered_place(event, other, person, at=at).expires_at == at + timedelta(hours=2)
        waiting.decline(offer_to(person).pk, by=person, at=at)
        wait(event, able(event.positions.first().qualifications.get()))
        crew.leave(event.pk, by=leader, at=EVENING)
        assert offered(event) == []

    def test_somebody_who_may_not_sign_up_any_more_is_passed_over(self, full):
        event, _leader, other = full
        viewer, person = make_viewer(), make_member()
        wait(event, viewer, person)
        crew.leave(event.pk, by=other, at=NOW)
        assert offered(event) == [person]

    def test_somebody_with_another_duty_is_offered_it_all_the_same(self, full):
        event, _leader, other = full
        person = make_member()
        put(person, PositionFactory(event=EventFactory(start=EVENING)))
        assert offered_place(event, other, person).person == person

    def test_a_leaver_of_an_event_closed_by_hand_makes_an_offer_too(self, full):
        """Without a queue such an event would reopen; it does when nobody accepts."""
        event, _leader, other = full
        Event.objects.update(capacity_closed=False)
        person = make_member()
        offered_place(event, other, person)
        assert queues.fresh(event).capacity_closed
        waiting.decline(offer_to(person).pk, by=person, at=NOW)
        assert queues.fresh(event).status == Status.OPEN

    def test_the_system_offers(self, full):
        event, _leader, other = full
        offered_place(event, other, make_member())
        (entry,) = history(event, content_type__model="offer")
        assert (entry.kind, entry.actor) == ("create", None)

    def test_one_open_offer_per_place_and_per_person(self, full):
        event, _leader, other = full
        offer = offered_place(event, other, make_member())
        span = {"expires_at": offer.expires_at, "offered_at": NOW}
        for fields in (
            {"position": offer.position, "person": make_member()},
            {"position": None, "person": offer.person},
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                Offer.objects.create(event=event, **fields, **span)

    def test_a_place_of_another_event_cannot_be_offered(self, full):
        stranger = PositionFactory()
        Offer.objects.create(event=full[0], position=stranger, person=make_member(), expires_at=EVENING)
        with pytest.raises(IntegrityError):
            connection.check_constraints()


class TestHolding:
    """While an offer is open nobody else gets the place."""

    @pytest.fixture
    def held(self, leading):
        """An open event with a held place and a free one that fits only people who lead."""
        event, leader, other = full_event(leading)
        person = make_member()
        offer = offered_place(event, other, person)
        crew.leave(event.pk, by=leader, at=NOW)
        assert queues.fresh(event).status == Status.OPEN
        return event, offer, person

    def test_others_are_refused_and_told_until_when(self, held):
        _event, offer, _person = held
        words = refused(crew.claim, offer.position_id, by=make_member(), at=NOW)
        assert "06.05.2027 06:00" in words

    def test_it_is_not_among_the_free_places(self, held):
        event, offer, _person = held
        outsider = make_member()
        assert offer.position not in event.positions.free()
        assert offer.position in event.positions.unoccupied()
        assert event not in Event.objects.joinable_by(outsider)
        (read,) = rows_for([event.pk], outsider)
        assert offer.position not in read.free_places

    def test_whoever_it_is_held_for_may_simply_sign_up(self, held):
        event, offer, person = held
        crew.claim(offer.position_id, by=person, at=NOW)
        assert state_of(offer) == OfferState.ACCEPTED
        assert queues.waiting(event) == []

    def test_taking_another_place_gives_it_up(self, held, leading):
        event, offer, _person = held
        after = make_member()
        wait(event, after, since=NOW + timedelta(hours=1))
        Offer.objects.update(person=(chooser := able(leading)))
        QueueEntry.objects.filter(person=offer.person).update(person=chooser)
        crew.claim(event.positions.get(qualifications=leading).pk, by=chooser, at=NOW)
        assert state_of(offer) == OfferState.WITHDRAWN
        assert offered(event) == [after]

    def test_a_coordinator_assigns_over_it_and_the_person_keeps_their_turn(self, held):
        event, offer, person = held
        crew.assign(offer.position_id, make_member().pk, by=make_coordinator(), at=NOW)
        assert state_of(offer) == OfferState.WITHDRAWN
        assert queues.waiting(event) == [person]
        assert ("offer_withdrawn", person) in told()

    def test_it_counts_as_taken_in_the_figures(self, held):
        event, _offer, _person = held
        staffing = event.staffing_of_now()
        assert (staffing.filled, staffing.free, staffing.held_places) == (0, 2, 1)
        assert not staffing.is_booked_out


class TestAccepting:
    @pytest.fixture
    def case(self, full):
        event, leader, other = full
        person = make_member()
        return event, leader, person, offered_place(event, other, person)

    def test_signs_up_and_confirms(self, case):
        event, leader, person, offer = case
        OutboxMessage.objects.all().delete()
        joined = waiting.accept(offer.pk, by=person, at=NOW)
        assert (joined.assignment.person, joined.assignment.position) == (person, offer.position)
        assert state_of(offer) == OfferState.ACCEPTED
        assert queues.waiting(event) == []
        assert told() == {("assignment_confirmed", person), ("place_filled", leader)}
        event = queues.fresh(event)
        assert (event.status, event.capacity_closed) == (Status.CLOSED, True)

    def test_warns_of_another_duty(self, case):
        other = EventFactory(start=EVENING)
        put(case[2], PositionFactory(event=other))
        assert waiting.accept(case[3].pk, by=case[2], at=NOW).conflicts.clashes == [other]

    def test_twice_is_refused(self, case):
        _event, _leader, person, offer = case
        waiting.accept(offer.pk, by=person, at=NOW)
        assert refused(waiting.accept, offer.pk, by=person, at=NOW) == "Tato nabídka už neplatí."

    def test_only_by_whom_it_is_for(self, case):
        refused(waiting.accept, case[3].pk, by=make_member(), at=NOW)
        refused(waiting.decline, case[3].pk, by=make_member(), at=NOW)
        assert state_of(case[3]) == OfferState.OPEN

    def test_refused_when_the_time_is_over(self, case):
        assert "Lhůta" in refused(waiting.accept, case[3].pk, by=case[2], at=case[3].expires_at)

    @pytest.mark.parametrize(
        "change",
        [
            {"is_archived": True},
            {"status": Status.PUBLISHED, "capacity_closed": False},
            {"capacity_closed": False},
            {"start": NOW - timedelta(hours=1)},
        ],
    )
    def test_everything_is_asked_again_about_the_event(self, case, change):
        Event.objects.filter(pk=case[0].pk).update(**change)
        refused(waiting.accept, case[3].pk, by=case[2], at=NOW)
        assert not case[0].assignments.filter(person=case[2]).exists()

    def test_and_about_the_person(self, case, driver):
        event, _leader, person, offer = case
        offer.position.qualifications.add(driver)
        refused(waiting.accept, offer.pk, by=person, at=NOW)
        offer.position.qualifications.clear()
        Event.objects.update(master_event=MasterEventFactory(coordinator=make_coordinator()))
        refused(waiting.accept, offer.pk, by=person, at=NOW)
        assert event.assignments.count() == 1

    def test_the_only_able_person_becomes_responsible(self, leading):
        event, leader, _other = full_event(leading)
        person = able(leading)
        offer = offered_place(event, leader, person)
        waiting.accept(offer.pk, by=person, at=NOW)
        assert queues.fresh(event).responsible_person == person


class TestDeclining:
    def test_moves_on_and_leaves_the_queue(self, full):
        event, _leader, other = full
        person, after = make_member(), make_member()
        wait(event, person, after)
        crew.leave(event.pk, by=other, at=NOW)
        offer = offer_to(person)
        waiting.decline(offer.pk, by=person, at=NOW)
        assert state_of(offer) == OfferState.DECLINED
        assert (offered(event), queues.waiting(event)) == ([after], [after])
        assert queues.fresh(event).status == Status.CLOSED

    def test_by_the_last_one_reopens(self, full):
        event, _leader, other = full
        person = make_member()
        offer = offered_place(event, other, person)
        waiting.decline(offer.pk, by=person, at=NOW)
        event = queues.fresh(event)
        assert (event.status, event.capacity_closed) == (Status.OPEN, False)

    def test_twice_is_refused(self, full):
        event, _leader, other = full
        person = make_member()
        offer = offered_place(event, other, person)
        waiting.decline(offer.pk, by=person, at=NOW)
        refused(waiting.decline, offer.pk, by=person, at=NOW)


class TestExpiring:
    def test_moves_on_and_tells(self, full):
        event, _leader, other = full
        person, after = make_member(), make_member()
        wait(event, person, after)
        crew.leave(event.pk, by=other, at=NOW)
        offer = offer_to(person)
        assert waiting.expire_due(at=offer.expires_at - timedelta(seconds=1)) == 0
        assert waiting.expire_due(at=offer.expires_at) == 1
        assert state_of(offer) == OfferState.EXPIRED
        assert (offered(event), queues.waiting(event)) == ([after], [after])
        assert offer_to(after).expires_at == offer.expires_at + timedelta(hours=12)
        assert {("offer_expired", person), ("place_offered", after)} <= told()

    def test_twice_and_late_does_no_harm(self, full):
        event, _leader, other = full
        offer = offered_place(event, other, make_member())
        late = EVENING + timedelta(days=30)
        assert (waiting.expire_due(at=late), waiting.expire_due(at=late)) == (1, 0)
        assert state_of(offer) == OfferState.EXPIRED
        assert offered(event) == []

    def test_the_trouble_of_one_event_does_not_stop_the_others(self, leading, monkeypatch):
        cases = [full_event(leading) for _n in range(2)]
        offers = [offered_place(event, other, make_member()) for event, _leader, other in cases]
        real = waiting.lock_event
        gone = cases[0][0].pk

        def lock(event_id):
            if event_id == gone:
                raise waiting.Gone("Akce neexistuje.")
            return real(event_id)

        monkeypatch.setattr(waiting, "lock_event", lock)
        assert waiting.expire_due(at=EVENING) == 1
        assert [state_of(offer) for offer in offers] == [OfferState.OPEN, OfferState.EXPIRED]

    @pytest.mark.usefixtures("full")
    def test_is_a_job_of_the_worker(self):
        assert jobs.expire_offers() == 0
