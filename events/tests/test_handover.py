"""Handing a duty over: proposed, answered, swapped."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from credentials.tests.factories import QualificationFactory
from events.models import Event, HandOver
from events.rules.lifecycle import Status
from events.services import crew, handover
from events.tests import queues
from events.tests.factories import EVENING, EventFactory, MasterEventFactory, PositionFactory, put
from events.tests.queues import full_capacity_event, full_event, offered, refused, wait
from events.tests.stories import NOW, able, history, told
from notifications.models import OutboxMessage
from roster import services as roster
from roster.rights import Role
from roster.tests.factories import make_admin, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def leading():
    return QualificationFactory(name="Zdravotník", can_lead=True)


@pytest.fixture
def full(leading):
    return full_event(leading)


@pytest.fixture
def proposed(full):
    """The member on the place for anybody has asked somebody."""
    event, leader, giver = full
    substitute = make_member()
    proposal = handover.propose(event.pk, substitute.pk, by=giver, at=NOW)
    OutboxMessage.objects.all().delete()
    return event, leader, giver, substitute, proposal


class TestProposing:
    def test_asks_the_substitute_and_changes_nothing(self, full):
        event, _leader, giver = full
        substitute = make_member()
        handover.propose(event.pk, substitute.pk, by=giver, at=NOW)
        assert told() == {("handover_proposed", substitute)}
        assert event.assignments.filter(person=giver).exists()
        (entry,) = history(event, content_type__model="handover")
        assert (entry.kind, entry.actor) == ("create", giver)

    def test_of_who_is_not_on_the_event_is_refused(self, full):
        refused(handover.propose, full[0].pk, make_member().pk, by=make_member(), at=NOW)

    def test_to_two_people_at_once_is_refused(self, proposed):
        event, _leader, giver, _substitute, _proposal = proposed
        assert "někoho" in refused(handover.propose, event.pk, make_member().pk, by=giver, at=NOW)
        with pytest.raises(IntegrityError), transaction.atomic():
            HandOver.objects.create(event=event, person=giver, substitute=make_member())

    def test_to_oneself_is_refused_by_the_database_too(self, full):
        event, _leader, giver = full
        refused(handover.propose, event.pk, giver.pk, by=giver, at=NOW)
        with pytest.raises(IntegrityError), transaction.atomic():
            HandOver.objects.create(event=event, person=giver, substitute=giver)

    def test_to_somebody_unqualified_is_refused(self, full):
        event, leader, _giver = full
        assert "kvalifikaci" in refused(handover.propose, event.pk, make_member().pk, by=leader, at=NOW)

    def test_to_a_participant_is_refused(self, full):
        event, leader, giver = full
        refused(handover.propose, event.pk, leader.pk, by=giver, at=NOW)

    @pytest.mark.parametrize("unknown", [None, "", "nobody", "00000000-0000-0000-0000-000000000000"])
    def test_to_nobody_is_refused(self, full, unknown):
        refused(handover.propose, full[0].pk, unknown, by=full[2], at=NOW)

    def test_to_people_without_the_right_is_refused(self, full):
        gone = make_member()
        roster.deactivate(gone.pk, by=make_admin(), at=NOW)
        refused(handover.propose, full[0].pk, gone.pk, by=full[2], at=NOW)
        refused(handover.propose, full[0].pk, make_viewer().pk, by=full[2], at=NOW)

    @pytest.mark.parametrize("status", [Status.DRAFT, Status.PUBLISHED, Status.COMPLETED, Status.CANCELLED])
    def test_refused_in_other_states(self, full, status):
        Event.objects.update(status=status, capacity_closed=False)
        refused(handover.propose, full[0].pk, make_member().pk, by=full[2], at=NOW)

    def test_refused_once_it_has_started_and_when_archived(self, full):
        refused(handover.propose, full[0].pk, make_member().pk, by=full[2], at=EVENING)
        Event.objects.update(is_archived=True)
        refused(handover.propose, full[0].pk, make_member().pk, by=full[2], at=NOW)

    def test_refused_where_a_coordinator_places_people(self, full):
        event, _leader, giver = full
        Event.objects.update(master_event=MasterEventFactory(coordinator=make_coordinator()))
        refused(handover.propose, event.pk, make_member().pk, by=giver, at=NOW)
        assert not HandOver.objects.exists()

    def test_another_duty_of_the_substitute_does_not_bar(self, full):
        substitute = make_member()
        put(substitute, PositionFactory(event=EventFactory(start=EVENING)))
        handover.propose(full[0].pk, substitute.pk, by=full[2], at=NOW)


class TestAccepting:
    def test_swaps_and_tells_all_three(self, proposed):
        event, leader, giver, substitute, proposal = proposed
        place = event.assignments.get(person=giver).position
        handover.accept(proposal.pk, by=substitute, at=NOW)
        assert event.assignments.get(person=substitute).position == place
        assert not event.assignments.filter(person=giver).exists()
        assert told() == {("handover_accepted", person) for person in (giver, substitute, leader)}
        assert queues.fresh(proposal).state == "accepted"

    def test_the_place_is_never_free_in_between(self, proposed):
        event, _leader, _giver, substitute, proposal = proposed
        wait(event, make_member())
        handover.accept(proposal.pk, by=substitute, at=NOW)
        assert offered(event) == []
        assert not history(event, kind="status_change")

    def test_is_recorded_under_the_name_of_who_accepted(self, proposed):
        event, _leader, _giver, substitute, proposal = proposed
        handover.accept(proposal.pk, by=substitute, at=NOW)
        rows = history(event, content_type__model="assignment", kind__in=["create", "delete"])[-2:]
        assert [(row.kind, row.actor) for row in rows] == [("delete", substitute), ("create", substitute)]

    def test_raises_no_alarm(self, proposed):
        _event, _leader, _giver, substitute, proposal = proposed
        make_coordinator()
        handover.accept(proposal.pk, by=substitute, at=EVENING - timedelta(hours=1))
        assert not told("drop_out_alarm")

    def test_hands_the_lead_on_by_rule(self, full, leading):
        event, leader, _other = full
        substitute = able(leading)
        proposal = handover.propose(event.pk, substitute.pk, by=leader, at=NOW)
        OutboxMessage.objects.all().delete()
        handover.accept(proposal.pk, by=substitute, at=NOW)
        assert queues.fresh(event).responsible_person == substitute
        assert told() == {("handover_accepted", leader), ("handover_accepted", substitute)}

    def test_ends_the_waiting_of_the_substitute(self, full):
        """What was held for them goes on to the next one."""
        event, _leader, giver = full
        extra = put(make_member(), PositionFactory(event=event))
        substitute, after = make_member(), make_member()
        wait(event, substitute, after)
        proposal = handover.propose(event.pk, substitute.pk, by=giver, at=NOW)
        crew.leave(event.pk, by=extra.person, at=NOW)
        assert offered(event) == [substitute]
        handover.accept(proposal.pk, by=substitute, at=NOW)
        assert offered(event) == [after]
        assert queues.waiting(event) == [after]

    def test_only_by_whom_was_asked_and_only_once(self, proposed):
        _event, _leader, giver, substitute, proposal = proposed
        for stranger in (giver, make_member()):
            refused(handover.accept, proposal.pk, by=stranger, at=NOW)
        handover.accept(proposal.pk, by=substitute, at=NOW)
        assert refused(handover.accept, proposal.pk, by=substitute, at=NOW) == "Tato žádost už neplatí."

    def test_everything_is_asked_again(self, proposed, leading):
        event, _leader, giver, substitute, proposal = proposed
        refused(handover.accept, proposal.pk, by=substitute, at=EVENING)
        place = event.assignments.get(person=giver).position
        place.qualifications.add(leading)
        refused(handover.accept, proposal.pk, by=substitute, at=NOW)
        place.qualifications.clear()
        Event.objects.update(status=Status.PUBLISHED, capacity_closed=False)
        refused(handover.accept, proposal.pk, by=substitute, at=NOW)
        assert event.assignments.filter(person=giver).exists()


class TestOtherEnds:
    def test_declining_tells_who_asked(self, proposed):
        event, _leader, giver, substitute, proposal = proposed
        handover.decline(proposal.pk, by=substitute, at=NOW)
        assert told() == {("handover_declined", giver)}
        assert queues.fresh(proposal).state == "declined"
        handover.propose(event.pk, make_member().pk, by=giver, at=NOW)

    def test_withdrawing_tells_who_was_asked(self, proposed):
        _event, _leader, giver, substitute, proposal = proposed
        refused(handover.withdraw, proposal.pk, by=substitute, at=NOW)
        handover.withdraw(proposal.pk, by=giver, at=NOW)
        assert told() == {("handover_withdrawn", substitute)}
        refused(handover.accept, proposal.pk, by=substitute, at=NOW)

    def test_leaving_ends_it(self, proposed):
        event, _leader, giver, substitute, proposal = proposed
        crew.leave(event.pk, by=giver, at=NOW)
        assert queues.fresh(proposal).state == "withdrawn"
        assert ("handover_withdrawn", substitute) in told()

    def test_a_substitute_who_signs_up_elsewhere_on_the_event_ends_it(self, proposed):
        event, _leader, giver, substitute, proposal = proposed
        PositionFactory(event=event)
        Event.objects.update(status=Status.OPEN, capacity_closed=False)
        crew.claim(event.positions.free().get().pk, by=substitute, at=NOW)
        assert queues.fresh(proposal).state == "withdrawn"
        assert ("handover_withdrawn", giver) in told()

    @pytest.mark.parametrize("loss", ["deactivate", "roles"])
    def test_a_substitute_who_may_not_serve_any_more_ends_it(self, proposed, loss):
        _event, _leader, giver, substitute, proposal = proposed
        admin = make_admin()
        if loss == "roles":
            roster.set_roles(substitute.pk, [Role.VIEWER], by=admin, at=NOW)
        else:
            roster.deactivate(substitute.pk, by=admin, at=NOW)
        assert queues.fresh(proposal).state == "withdrawn"
        assert told() == {("handover_withdrawn", giver)}

    def test_the_record_outlives_the_assignment(self, proposed):
        event, _leader, giver, substitute, proposal = proposed
        handover.accept(proposal.pk, by=substitute, at=NOW)
        crew.leave(event.pk, by=substitute, at=NOW)
        row = queues.fresh(proposal)
        assert (row.event, row.person, row.substitute, row.state) == (event, giver, substitute, "accepted")


class TestOfConditions:
    def test_a_seat_passes_to_whoever_covers_as_much(self, leading):
        giver = able(leading)
        event = full_capacity_event({leading: 1}, giver, make_member(), maximum=2)
        assert "kvalifikaci" in refused(handover.propose, event.pk, make_member().pk, by=giver, at=NOW)
        substitute = able(leading)
        proposal = handover.propose(event.pk, substitute.pk, by=giver, at=NOW)
        handover.accept(proposal.pk, by=substitute, at=NOW)
        assert event.assignments.filter(person=substitute, position=None).exists()
        assert queues.fresh(event).responsible_person == substitute

    def test_a_seat_that_covers_nothing_passes_to_anybody(self, leading):
        giver = make_member()
        event = full_capacity_event({leading: 1}, able(leading), giver, maximum=2)
        proposal = handover.propose(event.pk, make_member().pk, by=giver, at=NOW)
        handover.accept(proposal.pk, by=proposal.substitute, at=NOW)
        assert queues.fresh(event).status == Status.CLOSED
