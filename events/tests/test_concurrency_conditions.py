"""Many people at once on events with a capacity, each on a connection of their own."""

from __future__ import annotations

from functools import partial

import pytest

from credentials.tests.factories import QualificationFactory
from events.models import Event
from events.rules.lifecycle import Status
from events.services import crew, planning
from events.services.conditions import ConditionsPlan, plan_of
from events.tests.stories import NOW, able, make_capacity_event, place
from medcover.common.errors import DomainError
from medcover.tests.threads import refusals, together
from roster.tests.factories import make_coordinator, make_member

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def medic():
    return QualificationFactory(name="Zdravotník", can_lead=True)


def join(event, person):
    return partial(crew.join, event.pk, by=person, at=NOW)


def test_fifty_people_and_ten_seats_of_which_two_are_kept_for_medics(medic):
    event = make_capacity_event({medic: 2}, minimum=2, maximum=10)
    outcomes = together([join(event, make_member()) for _n in range(50)])
    assert refusals(outcomes, DomainError) == 42
    assert event.assignments.count() == 8
    assert Event.objects.get().status == Status.OPEN


def test_fifty_medics_fill_the_capacity_and_close_it(medic):
    event = make_capacity_event({medic: 2}, minimum=2, maximum=10)
    outcomes = together([join(event, able(medic)) for _n in range(50)])
    assert refusals(outcomes, DomainError) == 40
    closed = Event.objects.get()
    assert (closed.assignments.count(), closed.status, closed.capacity_closed) == (10, Status.CLOSED, True)


def test_the_capacity_is_never_lowered_below_the_crew(medic):
    event = make_capacity_event({medic: 1}, minimum=1, maximum=4)
    place(event, able(medic), make_member())
    boss, plan = make_coordinator(), ConditionsPlan(1, 2, plan_of(event).rows)
    lower = partial(planning.edit_event, event.pk, by=boss, version=None, plan=plan)
    outcomes = together([lower, *(join(event, make_member()) for _n in range(3))])
    refusals(outcomes, DomainError)
    after = Event.objects.with_staffing().get()
    assert after.staffing.filled <= after.staffing.total
    assert after.staffing.is_full == (after.status == Status.CLOSED)


def test_one_person_joins_once(medic):
    event, person = make_capacity_event({medic: 1}), able(medic)
    outcomes = together([join(event, person) for _n in range(10)])
    assert refusals(outcomes, DomainError) == 9
