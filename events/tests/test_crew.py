"""Claiming, leaving, assigning, removing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from credentials.tests.factories import QualificationFactory, hold
from events.models import Assignment, Event, Position
from events.rules.lifecycle import Status
from events.services import crew
from events.tests.factories import EVENING, EventFactory, MasterEventFactory, PositionFactory, put
from medcover.common.errors import DomainError, NotAllowed
from medcover.system.models import AuditEntry
from notifications.models import OutboxMessage
from roster.tests.factories import make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

NOW = EVENING - timedelta(days=10)


@pytest.fixture
def medic():
    return QualificationFactory(name="Zdravotník", can_lead=True)


@pytest.fixture
def member(medic):
    person = make_member(name="Dvořák Petr")
    hold(person, medic)
    return person


@pytest.fixture
def event(medic):
    event = EventFactory(name="Půlmaraton")
    PositionFactory(event=event, description="Zdravotník", qualifications=[medic])
    PositionFactory(event=event, description="Řidič")
    return event


def position_of(event: Event, description: str) -> Position:
    return event.positions.get(description=description)


class TestClaim:
    def test_puts_the_member_on_the_position_and_makes_them_leader(self, event, member):
        joined = crew.claim(position_of(event, "Zdravotník").pk, by=member, at=NOW)
        event.refresh_from_db()
        assert joined.assignment.person == member
        assert joined.conflicts.clashes == []
        assert event.responsible_person == member
        assert event.status == Status.OPEN

    def test_tells_the_member_and_records_who_did_it(self, event, member):
        crew.claim(position_of(event, "Zdravotník").pk, by=member, at=NOW)
        message = OutboxMessage.objects.get()
        assert (message.code, message.recipient) == ("assignment_confirmed", member)
        entries = AuditEntry.objects.filter(event_id=event.pk)
        assert entries.get(kind="create", summary__contains="Dvořák").actor == member

    def test_what_follows_by_itself_is_recorded_without_an_actor(self, event, member):
        crew.claim(position_of(event, "Řidič").pk, by=make_member(), at=NOW)
        crew.claim(position_of(event, "Zdravotník").pk, by=member, at=NOW)
        entries = AuditEntry.objects.filter(event_id=event.pk)
        assert entries.get(kind="edit", changes__has_key="responsible_person").actor is None
        assert entries.get(kind="status_change").actor is None

    def test_can_be_quiet(self, event, member):
        crew.claim(position_of(event, "Zdravotník").pk, by=member, at=NOW, notify=False)
        crew.assign(position_of(event, "Řidič").pk, make_member().pk, by=make_coordinator(), at=NOW, notify=False)
        assert event.assignments.count() == 2
        assert not OutboxMessage.objects.exists()

    def test_last_free_place_closes_the_sign_ups(self, event, member):
        crew.claim(position_of(event, "Zdravotník").pk, by=member, at=NOW)
        crew.claim(position_of(event, "Řidič").pk, by=make_member(), at=NOW)
        event.refresh_from_db()
        assert (event.status, event.capacity_closed) == (Status.CLOSED, True)

    def test_refuses_the_unqualified(self, event):
        with pytest.raises(DomainError):
            crew.claim(position_of(event, "Zdravotník").pk, by=make_member(), at=NOW)
        assert not Assignment.objects.exists()

    def test_refuses_an_expired_qualification_on_the_day_of_duty(self, event, medic):
        person = make_member()
        hold(person, medic, until=EVENING.date() - timedelta(days=1))
        with pytest.raises(DomainError):
            crew.claim(position_of(event, "Zdravotník").pk, by=person, at=NOW)

    def test_accepts_a_qualification_that_expires_on_the_day_of_duty(self, event, medic):
        person = make_member()
        hold(person, medic, until=EVENING.date())
        assert crew.claim(position_of(event, "Zdravotník").pk, by=person, at=NOW)

    def test_refuses_a_second_place_on_one_event(self, event, member):
        crew.claim(position_of(event, "Zdravotník").pk, by=member, at=NOW)
        with pytest.raises(DomainError):
            crew.claim(position_of(event, "Řidič").pk, by=member, at=NOW)

    def test_refuses_a_viewer(self, event):
        with pytest.raises(DomainError):
            crew.claim(position_of(event, "Řidič").pk, by=make_viewer(), at=NOW)

    @pytest.mark.parametrize("status", [s for s in Status if s != Status.OPEN])
    def test_refuses_unless_open(self, event, member, status):
        Event.objects.update(status=status)
        with pytest.raises(DomainError):
            crew.claim(position_of(event, "Řidič").pk, by=member, at=NOW)

    def test_refuses_where_a_coordinator_places_people(self, event, member):
        event.master_event = MasterEventFactory(coordinator=make_coordinator())
        event.save()
        with pytest.raises(DomainError):
            crew.claim(position_of(event, "Řidič").pk, by=member, at=NOW)

    def test_names_overlapping_duties(self, event, member):
        other = PositionFactory(event=EventFactory(start=EVENING + timedelta(hours=3)))
        put(member, other)
        joined = crew.claim(position_of(event, "Řidič").pk, by=member, at=NOW)
        assert joined.conflicts.clashes == [other.event]


class TestLeave:
    def test_reopens_and_hands_on_the_lead(self, event, member, medic):
        heir = make_member()
        hold(heir, medic)
        crew.claim(position_of(event, "Zdravotník").pk, by=member, at=NOW)
        crew.claim(position_of(event, "Řidič").pk, by=heir, at=NOW)
        crew.leave(event.pk, by=member)
        event.refresh_from_db()
        assert event.status == Status.OPEN
        assert event.responsible_person == heir

    def test_refuses_who_is_not_there(self, event, member):
        with pytest.raises(DomainError):
            crew.leave(event.pk, by=member)

    def test_refuses_on_a_completed_event(self, event, member):
        put(member, position_of(event, "Řidič"))
        Event.objects.update(status=Status.COMPLETED)
        with pytest.raises(DomainError):
            crew.leave(event.pk, by=member)


class TestAssign:
    def test_places_a_qualified_person(self, event, member):
        boss = make_coordinator()
        joined = crew.assign(position_of(event, "Zdravotník").pk, member.pk, by=boss, at=NOW)
        assert joined.assignment.assigned_by == boss

    def test_needs_a_reason_for_the_unqualified_and_records_it(self, event):
        boss, person = make_coordinator(), make_member()
        place = position_of(event, "Zdravotník")
        with pytest.raises(crew.NeedsReason):
            crew.assign(place.pk, person.pk, by=boss, at=NOW)
        crew.assign(place.pk, person.pk, by=boss, at=NOW, override_reason="Zaučení")
        assert AuditEntry.objects.filter(event_id=event.pk, summary__contains="Zaučení").exists()

    def test_refuses_a_plain_member(self, event, member):
        with pytest.raises(NotAllowed):
            crew.assign(position_of(event, "Řidič").pk, make_member().pk, by=member, at=NOW)

    def test_an_able_participant_may_assign_but_make_no_exception(self, event, member):
        put(member, position_of(event, "Řidič"))
        with pytest.raises(DomainError):
            crew.assign(position_of(event, "Zdravotník").pk, make_member().pk, by=member, at=NOW, override_reason="x")
        assert event.assignments.count() == 1


class TestRemove:
    def test_twice_is_a_polite_refusal(self, event, member):
        assignment = put(member, position_of(event, "Řidič"))
        boss = make_coordinator()
        crew.remove(assignment.pk, by=boss)
        with pytest.raises(DomainError):
            crew.remove(assignment.pk, by=boss)
        assert OutboxMessage.objects.get().code == "assignment_released"
