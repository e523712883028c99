"""Several people at once, each on a connection of their own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from credentials.tests.factories import QualificationFactory
from debriefing.models import ConfidentialAnswers, Debriefing
from debriefing.rules import Actual
from debriefing.services import asking, needs, submitting
from debriefing.services.submitting import AlreadySubmitted
from debriefing.tests.factories import asked, described, done_duty, handed_in, led_duty, make_manager, usual
from equipment.models import Lot
from equipment.services import usage
from equipment.tests.factories import ConsumableFactory, stocked
from events.models import Event, EventTemplate
from events.services import archiving
from events.services.locking import Gone
from events.services.positions import PositionPlan
from events.services.templates import save_template
from events.tests.factories import EVENING
from medcover.common.errors import DomainError, StaleRecord
from medcover.tests.threads import refusals, together
from notifications.models import OutboxMessage
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db(transaction=True)

NOON = EVENING.replace(hour=12)


def test_a_debriefing_is_handed_in_once():
    duty, now = done_duty(), timezone.now()
    calls = [lambda entry=entry: submitting.submit(duty.pk, entry, by=duty.person, at=now)
             for entry in (usual(), described(), usual())]  # fmt: skip
    assert refusals(together(calls), AlreadySubmitted) == 2
    assert Debriefing.objects.count() == ConfidentialAnswers.objects.count() == 1


def test_what_the_leader_says_and_others_hand_in_goes_side_by_side():
    leader, now = make_member(), timezone.now()
    duty = led_duty(leader)
    other = done_duty(event=duty.event)
    told = usual(actual=Actual(duty.event.start, duty.event.end, 3))
    outcomes = together(
        [
            lambda: submitting.submit(duty.pk, told, by=leader, at=now),
            lambda: submitting.submit(other.pk, usual(), by=other.person, at=now),
        ]
    )
    assert refusals(outcomes, DomainError) == 0
    assert Debriefing.objects.count() == 2
    assert Event.objects.get().post_event_count == 3


def test_nothing_is_left_of_an_event_that_is_being_deleted():
    duty, now = done_duty(is_archived=True), timezone.now()
    outcomes = together(
        [
            lambda: archiving.delete_event(duty.event_id, by=make_admin(), confirmation=duty.event.name),
            lambda: submitting.submit(duty.pk, described(), by=duty.person, at=now),
        ]
    )
    refusals(outcomes, Gone)
    assert outcomes[0].succeeded
    assert Debriefing.objects.count() == ConfidentialAnswers.objects.count() == 0


def test_two_workers_remind_once():
    duty = done_duty()
    asked(duty, NOON)
    outcomes = together([lambda: asking.remind_due(at=NOON + timedelta(days=3))] * 3)
    assert sum(outcome.value for outcome in outcomes) == 1
    assert OutboxMessage.objects.filter(code="debriefing_reminder").count() == 1


def test_two_managers_remind_once():
    duty, managers = done_duty(), [make_manager(), make_manager()]
    outcomes = together([lambda who=who: asking.remind_by_hand(duty.event_id, by=who, at=NOON) for who in managers])
    assert refusals(outcomes, DomainError) == 1
    assert OutboxMessage.objects.filter(code="debriefing_reminder").count() == 1


def test_two_coordinators_add_to_a_template_once():
    driver, now = QualificationFactory(can_lead=True), timezone.now()
    made = handed_in(done_duty(), needs=[(driver, 1)])
    row = save_template(EventTemplate(name="Běh"), positions=[PositionPlan(qualifications=[driver])], by=None)
    keys, boss = [need.pk for need in made.needs.all()], make_coordinator()
    calls = [lambda: needs.add_to_template(keys, row.pk, 1, by=boss, at=now)] * 3
    assert refusals(together(calls), StaleRecord) == 2
    assert row.positions.count() == 2


def test_needs_of_two_events_both_reach_one_template():
    driver, now = QualificationFactory(can_lead=True), timezone.now()
    row = save_template(EventTemplate(name="Běh"), positions=[PositionPlan(qualifications=[driver])], by=None)
    boss, pairs = make_coordinator(), [handed_in(done_duty(), needs=[(driver, 1)]) for _number in range(3)]
    calls = [lambda made=made: needs.add_to_template([made.needs.get().pk], row.pk, 1, by=boss, at=now)
             for made in pairs]  # fmt: skip
    assert refusals(together(calls), DomainError) == 0
    assert row.positions.count() == 4


def test_the_crew_and_a_coordinator_do_not_book_the_same_twice():
    start, now = timezone.now() - timedelta(days=1), timezone.now()
    kind, duty, boss = ConsumableFactory(), done_duty(start=start, end=start + timedelta(hours=3)), make_coordinator()
    stocked(kind, 10)
    need = handed_in(duty, material=[(kind, 4)]).needs.get()
    calls = [lambda: needs.book_use([need.pk], kind.pk, 4, by=boss, at=now),
             lambda: usage.use_on_event(duty.event_id, [(kind.pk, 4)], by=duty.person, at=now, seen=0)]  # fmt: skip
    assert refusals(together(calls), DomainError) == 1
    assert Lot.objects.get().quantity == 6
