"""What the database itself refuses, whoever writes past the services."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError, RestrictedError

from credentials.models import Substitution
from credentials.tests.factories import QualificationFactory, hold
from events.models import Assignment, Event, MasterEvent
from events.rules.lifecycle import Status
from events.rules.planning import Kind
from events.rules.staffing import Mode
from events.services.masters import ensure_general
from events.tests.factories import EVENING, EventFactory, MasterEventFactory, PositionFactory, put
from roster.tests.factories import make_member

pytestmark = pytest.mark.django_db


def refuses(write) -> bool:
    """Say whether the database refuses the write, at once or when its deferred constraints are looked at."""
    try:
        with transaction.atomic():
            write()
            connection.check_constraints()
    except IntegrityError:
        return True
    return False


@pytest.mark.parametrize(
    "fields",
    [
        {"end": EVENING},
        {"end": EVENING - timedelta(seconds=1)},
        {"status": "sleeping"},
        {"status": ""},
        {"kind": "party"},
        {"planned_participants": 3, "kind": Kind.MEDICAL},
        {"planned_participants": 3, "kind": Kind.PRESENTATION},
        {"planned_participants": -1, "kind": Kind.TRAINING},
        {"post_event_count": -1},
        {"capacity_closed": True, "status": Status.OPEN},
        {"capacity_closed": True, "status": Status.DRAFT},
        {"staffing_mode": "luck"},
        {"staffing_mode": Mode.POSITIONS, "min_participants": 1, "max_participants": 2},
        {"staffing_mode": Mode.CONDITIONS},
        {"staffing_mode": Mode.CONDITIONS, "min_participants": 0, "max_participants": 2},
        {"staffing_mode": Mode.CONDITIONS, "min_participants": 3, "max_participants": 2},
        {"master_event_id": 10**9},
        {"start": None},
    ],
)
def test_events_that_cannot_be(fields):
    event = EventFactory()
    assert refuses(lambda: Event.objects.filter(pk=event.pk).update(**fields))


@pytest.mark.parametrize(
    "fields",
    [
        {"planned_participants": 0, "kind": Kind.TRAINING},
        {"capacity_closed": True, "status": Status.CLOSED},
        {"staffing_mode": Mode.CONDITIONS, "min_participants": 2, "max_participants": 2},
        {"end": EVENING + timedelta(microseconds=1)},
    ],
)
def test_events_that_can(fields):
    event = EventFactory()
    assert not refuses(lambda: Event.objects.filter(pk=event.pk).update(**fields))


class TestPlaces:
    def test_two_people_do_not_stand_on_one(self):
        position = PositionFactory()
        put(make_member(), position)
        assert refuses(lambda: put(make_member(), position))

    def test_one_person_does_not_stand_on_an_event_twice(self):
        event, person = EventFactory(), make_member()
        put(person, PositionFactory(event=event))
        assert refuses(lambda: put(person, PositionFactory(event=event)))
        assert refuses(lambda: Assignment.objects.create(event=event, person=person))

    def test_a_person_does_not_stand_on_a_position_of_another_event(self):
        event, elsewhere = EventFactory(), PositionFactory()
        assert refuses(lambda: Assignment.objects.create(event=event, position=elsewhere, person=make_member()))

    def test_an_occupied_position_does_not_move_to_another_event(self):
        position = PositionFactory()
        put(make_member(), position)
        other = EventFactory()
        assert refuses(lambda: type(position).objects.filter(pk=position.pk).update(event=other))

    def test_an_occupied_position_does_not_vanish(self):
        position = PositionFactory()
        put(make_member(), position)
        with pytest.raises(RestrictedError):
            position.delete()
        past_django = type(position).objects.filter(pk=position.pk)
        assert refuses(lambda: past_django._raw_delete(past_django.db))

    def test_people_with_duties_do_not_vanish(self):
        person = make_member()
        put(person, PositionFactory())
        with pytest.raises(ProtectedError):
            person.delete()


class TestMasterEvents:
    def test_there_is_one_general(self):
        ensure_general()
        assert refuses(lambda: MasterEvent.objects.create(name="Druhá obecná", is_general=True))

    def test_the_general_is_never_archived(self):
        general = ensure_general()
        assert refuses(lambda: MasterEvent.objects.filter(pk=general.pk).update(is_archived=True))

    def test_names_are_unique_archived_ones_included(self):
        MasterEventFactory(name="Závody", is_archived=True)
        assert refuses(lambda: MasterEventFactory(name="Závody"))

    def test_one_with_events_does_not_vanish(self):
        with pytest.raises(ProtectedError):
            EventFactory(master_event=MasterEventFactory()).master_event.delete()


class TestQualifications:
    def test_living_names_are_unique_in_any_case(self):
        QualificationFactory(name="Lékař")
        assert refuses(lambda: QualificationFactory(name="LÉKAŘ"))

    def test_deleted_says_when(self):
        row = QualificationFactory()
        assert refuses(lambda: type(row).objects.filter(pk=row.pk).update(is_deleted=True))
        assert refuses(lambda: type(row).objects.filter(pk=row.pk).update(deleted_at=EVENING))

    def test_held_ones_do_not_vanish(self):
        row = QualificationFactory()
        hold(make_member(), row)
        with pytest.raises(ProtectedError):
            row.delete()

    def test_the_closure_holds_each_pair_once(self):
        row = QualificationFactory()
        assert refuses(lambda: Substitution.objects.create(requirement=row, substitute=row))
