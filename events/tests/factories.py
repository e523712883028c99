"""Events for tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import factory

from events.models import Assignment, Event, MasterEvent, Position, StaffingCondition
from events.rules.lifecycle import Status
from events.rules.staffing import Mode
from events.services.masters import ensure_general
from medcover.system import audit
from medcover.tests.rows import RowFactory, relate

PRAGUE = ZoneInfo("Europe/Prague")

#: A quiet Saturday evening, far from any change of the clocks.
EVENING = datetime(2027, 5, 15, 18, 0, tzinfo=PRAGUE)


class MasterEventFactory(RowFactory):
    """A master event without a coordinator."""

    class Meta:
        model = MasterEvent

    name = factory.Sequence(lambda n: f"Nadřazená akce {n}")


class EventFactory(RowFactory):
    """An event with open sign-ups under the general master event, four hours long, without positions."""

    class Meta:
        model = Event

    name = factory.Sequence(lambda n: f"Akce {n}")
    master_event = factory.LazyFunction(ensure_general)
    status = Status.OPEN
    start = EVENING
    end = factory.LazyAttribute(lambda event: event.start + timedelta(hours=4))


class CapacityEventFactory(EventFactory):
    """An event staffed by conditions, for two to four people, so far without a condition."""

    staffing_mode = Mode.CONDITIONS
    min_participants = 2
    max_participants = 4


class PositionFactory(RowFactory):
    """A mandatory position that anyone may take; pass `qualifications=[...]`."""

    class Meta:
        model = Position

    event = factory.SubFactory(EventFactory)
    description = factory.Sequence(lambda n: f"Pozice {n}")

    @factory.post_generation
    def qualifications(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        relate(self, "qualifications", extracted or [])


def put(person: Any, position: Position, **fields: Any) -> Assignment:
    """Place a person directly, past every rule."""
    with audit.unrecorded():
        return Assignment.objects.create(event=position.event, position=position, person=person, **fields)


class ConditionFactory(RowFactory):
    """One person with the qualification is needed."""

    class Meta:
        model = StaffingCondition

    minimum = 1
