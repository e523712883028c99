"""Reminders of one's own coming duties: once, at the person's own time, whatever the worker was doing then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
import time_machine

from events.models import Assignment
from events.rules.lifecycle import Status
from events.services import planning, reminders
from events.tests.factories import EVENING, EventFactory, PositionFactory, put
from events.tests.mails import both_parts
from medcover.tests.threads import together
from notifications.models import OptOut, OutboxMessage
from notifications.tests.mails import composed
from roster.models import User
from roster.tests.factories import make_coordinator, make_member

pytestmark = pytest.mark.django_db

START = EVENING + timedelta(days=5)
LONG_AGO = START - timedelta(days=30)
A_DAY_BEFORE = START - timedelta(hours=24)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def duty():
    return duty_of(make_member())


def duty_of(person, **fields) -> Assignment:
    event = EventFactory(start=START, end=START + timedelta(hours=5), **{"status": Status.OPEN, **fields})
    assignment = put(person, PositionFactory(event=event, description="Hlídka u vstupu"))
    Assignment.objects.filter(pk=assignment.pk).update(assigned_at=LONG_AGO)
    return assignment


def told() -> list[str]:
    return sorted(row.to_email for row in OutboxMessage.objects.filter(code="duty_reminder"))


def sent_mail():
    return composed(OutboxMessage.objects.get(code="duty_reminder"))


def test_comes_at_the_time_that_the_person_has_chosen(duty):
    early, late = make_member(reminder_hours=72), make_member(reminder_hours=2)
    for person in (early, late):
        duty_of(person)
    assert reminders.remind_of_duties(at=START - timedelta(hours=72) - MINUTE) == 0
    assert reminders.remind_of_duties(at=START - timedelta(hours=72)) == 1
    assert told() == [early.email]
    assert reminders.remind_of_duties(at=A_DAY_BEFORE) == 1
    assert reminders.remind_of_duties(at=START - timedelta(hours=2)) == 1
    assert told() == sorted([early.email, late.email, duty.person.email])


def test_comes_once(duty):
    for minutes in range(0, 60, 5):
        reminders.remind_of_duties(at=A_DAY_BEFORE + timedelta(minutes=minutes))
    assert told() == [duty.person.email]


def test_comes_late_when_nobody_was_there_to_send_it(duty):
    assert reminders.remind_of_duties(at=START - 10 * MINUTE) == 1


def test_does_not_come_once_the_duty_has_begun(duty):
    assert reminders.remind_of_duties(at=START) == 0
    assert not told()


def test_whoever_signed_up_within_that_time_knows(duty):
    Assignment.objects.filter(pk=duty.pk).update(assigned_at=A_DAY_BEFORE + MINUTE)
    assert reminders.remind_of_duties(at=A_DAY_BEFORE + 2 * MINUTE) == 0


def test_comes_again_for_a_duty_that_was_moved_to_a_later_day(duty):
    reminders.remind_of_duties(at=A_DAY_BEFORE)
    later = START + timedelta(days=7)
    planning.edit_event(duty.event_id, by=make_coordinator(), version=None, start=later, end=later + timedelta(hours=5))
    OutboxMessage.objects.all().delete()
    assert reminders.remind_of_duties(at=A_DAY_BEFORE + 5 * MINUTE) == 0
    assert reminders.remind_of_duties(at=later - timedelta(hours=24)) == 1
    assert told() == [duty.person.email]


def test_a_small_move_is_no_reason_for_another_one(duty):
    reminders.remind_of_duties(at=A_DAY_BEFORE + timedelta(hours=2))
    moved = START + timedelta(hours=1)
    planning.edit_event(duty.event_id, by=make_coordinator(), version=None, start=moved, end=moved + timedelta(hours=5))
    assert reminders.remind_of_duties(at=A_DAY_BEFORE + timedelta(hours=3)) == 0


@pytest.mark.parametrize("start", ["2027-03-28T01:30", "2027-03-28T10:00", "2027-10-31T02:30", "2027-10-31T10:00"])
def test_comes_once_over_both_changes_of_summer_time_and_tells_the_hour_on_the_clock(start):
    """The day before has 23 or 25 hours on the clock; the lead time is of hours that really pass."""
    begins = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo("Europe/Prague")).astimezone(UTC)
    event = EventFactory(start=begins, end=begins + timedelta(hours=5), status=Status.OPEN)
    assignment = put(make_member(), PositionFactory(event=event))
    Assignment.objects.filter(pk=assignment.pk).update(assigned_at=begins - timedelta(days=30))
    sent = []
    for step in range(30 * 12):  # every five minutes, as the worker asks
        at = begins - timedelta(hours=29) + step * timedelta(minutes=5)
        if reminders.remind_of_duties(at=at):
            sent.append(begins - at)
    assert sent == [timedelta(hours=24)]
    with time_machine.travel(begins - timedelta(hours=24), tick=False):
        for part in both_parts(sent_mail()):
            assert f"v {start.partition('T')[2]}" in part


@pytest.mark.parametrize(
    "fields",
    [{"status": Status.DRAFT}, {"status": Status.CANCELLED}, {"status": Status.COMPLETED}, {"is_archived": True}],
)
def test_only_of_events_that_will_take_place(fields):
    duty_of(make_member(), **fields)
    assert reminders.remind_of_duties(at=A_DAY_BEFORE) == 0


def test_not_whoever_has_left(duty):
    User.objects.filter(pk=duty.person_id).update(is_active=False)
    assert reminders.remind_of_duties(at=A_DAY_BEFORE) == 0


@pytest.mark.logs_errors
def test_one_event_in_trouble_does_not_keep_the_others(duty, monkeypatch, caplog):
    other = duty_of(make_member())
    real = reminders.lock_event

    def failing(event_id):
        if event_id == duty.event_id:
            raise RuntimeError
        return real(event_id)

    monkeypatch.setattr(reminders, "lock_event", failing)
    assert reminders.remind_of_duties(at=A_DAY_BEFORE) == 1
    assert told() == [other.person.email]
    assert "Nobody could be reminded" in caplog.text
    monkeypatch.undo()
    assert reminders.remind_of_duties(at=A_DAY_BEFORE + MINUTE) == 1


def test_costs_the_same_however_many_people_are_on_the_event(duty, django_assert_max_num_queries):
    for _number in range(12):
        assignment = put(make_member(), PositionFactory(event=duty.event))
        Assignment.objects.filter(pk=assignment.pk).update(assigned_at=LONG_AGO)
    with django_assert_max_num_queries(14):
        assert reminders.remind_of_duties(at=A_DAY_BEFORE) == 13


@pytest.mark.django_db(transaction=True)
def test_two_workers_remind_once():
    duty = duty_of(make_member())
    found = together([partial(reminders.remind_of_duties, at=A_DAY_BEFORE) for _worker in range(4)])
    assert sorted(outcome.value for outcome in found) == [0, 0, 0, 1]
    assert told() == [duty.person.email]


def test_whoever_declined_it_hears_nothing_and_is_not_asked_again(duty):
    OptOut.objects.create(person=duty.person, code="duty_reminder")
    assert reminders.remind_of_duties(at=A_DAY_BEFORE) == 1
    assert reminders.remind_of_duties(at=A_DAY_BEFORE + MINUTE) == 0
    assert not told()


class TestTheMail:
    def test_says_when_where_and_as_what(self, duty):
        leader = make_coordinator(name="Vedoucí Věra")
        duty.event.responsible_person = leader
        duty.event.contact = "Karel, brána 3"
        duty.event.save()
        reminders.remind_of_duties(at=A_DAY_BEFORE)
        with time_machine.travel(A_DAY_BEFORE, tick=False):
            mail = sent_mail()
        for part in both_parts(mail):
            assert "Hlídka u vstupu" in part
            assert "Vedoucí Věra" in part
            assert "Karel, brána 3" in part
            assert duty.event.name in part

    def test_loses_its_point_when_the_person_signs_off_first(self, duty):
        reminders.remind_of_duties(at=A_DAY_BEFORE)
        duty.delete()
        with time_machine.travel(A_DAY_BEFORE, tick=False):
            assert sent_mail() is None
