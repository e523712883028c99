"""Reminders of free places: by the schedule of the event, to those who plan it, while somebody is missing."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from credentials.tests.factories import QualificationFactory
from events.models import Assignment, Event
from events.rules.lifecycle import Status
from events.rules.reminders import due_offsets, normalised, offsets_in
from events.services import planning, reminders
from events.tests.factories import EVENING, EventFactory, MasterEventFactory, PositionFactory, put
from events.tests.mails import both_parts
from events.tests.stories import make_capacity_event
from medcover.system.models import AuditEntry, SiteSettings
from medcover.tests.threads import together
from notifications.models import NotificationSwitch, OutboxMessage
from notifications.tests.mails import composed
from roster.tests.factories import make_coordinator, make_member

START = EVENING + timedelta(days=10)


def before(hours: float):
    return START - timedelta(hours=hours)


class TestSchedule:
    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("", "72"), ("72", "72"), ("24, 72", "72, 24"), ("24,24 , 24", "24"), ("soon, 48", "48"), ("-5, 0", "72"),
            ("1.5", "72"), ("99999999999999999999", "72"), ("٣", "72"), (" 2160 ,2161", "2160"),
        ],
    )  # fmt: skip
    def test_is_kept_in_one_form(self, typed, kept):
        assert normalised(typed) == kept

    @given(st.text())
    def test_anything_may_be_typed(self, text):
        assert offsets_in(text)
        assert normalised(normalised(text)) == normalised(text)

    def test_each_is_due_once_and_late_ones_too(self):
        due = partial(due_offsets, "72, 24", start=START)
        assert due({}, at=before(73)) == []
        assert due({}, at=before(72)) == [72]
        assert due({}, at=before(3)) == [72, 24]
        assert due({"72": before(72).isoformat()}, at=before(3)) == [24]
        assert due({}, at=START) == []

    def test_is_due_again_for_a_later_day(self):
        sent = {"72": before(72).isoformat()}
        later = START + timedelta(days=7)
        assert due_offsets("72", sent, start=later, at=before(70)) == []
        assert due_offsets("72", sent, start=later, at=later - timedelta(hours=72)) == [72]


@pytest.fixture
def planners(db):
    return make_member(name="Vedoucí Věra"), make_coordinator(name="Koordinátor Karel")


@pytest.fixture
def event(planners):
    leader, coordinator = planners
    found = EventFactory(
        start=START, end=START + timedelta(hours=5), status=Status.OPEN, responsible_person=leader,
        master_event=MasterEventFactory(coordinator=coordinator), reminder_schedule="72, 24",
    )  # fmt: skip
    PositionFactory(event=found, description="Hlídka u vstupu")
    return found


def told() -> list[str]:
    return sorted(row.to_email for row in OutboxMessage.objects.filter(code="unfilled_reminder"))


def test_both_who_plan_are_reminded_at_each_moment_once(event, planners):
    assert reminders.remind_of_unfilled(at=before(73)) == 0
    assert reminders.remind_of_unfilled(at=before(72)) == 1
    assert told() == sorted(person.email for person in planners)
    assert reminders.remind_of_unfilled(at=before(71)) == 0
    OutboxMessage.objects.all().delete()
    assert reminders.remind_of_unfilled(at=before(24)) == 1
    assert len(told()) == 2


def test_several_at_once_are_one_mail(event, planners):
    assert reminders.remind_of_unfilled(at=before(1)) == 1
    assert len(told()) == 2
    assert reminders.remind_of_unfilled(at=before(0.5)) == 0


def test_one_person_in_both_parts_gets_one(event, planners):
    Event.objects.update(responsible_person=planners[1])
    reminders.remind_of_unfilled(at=before(72))
    assert told() == [planners[1].email]


def test_is_remembered_though_nobody_was_told(event):
    Event.objects.update(responsible_person=None)
    type(event.master_event).objects.update(coordinator=None)
    assert reminders.remind_of_unfilled(at=before(72)) == 1
    assert reminders.remind_of_unfilled(at=before(71)) == 0


def test_is_remembered_though_it_is_switched_off(event):
    NotificationSwitch.objects.create(code="unfilled_reminder", enabled=False)
    assert reminders.remind_of_unfilled(at=before(72)) == 1
    assert not told()


@pytest.mark.parametrize("fields", [
    {"status": Status.PUBLISHED}, {"status": Status.CLOSED}, {"status": Status.CANCELLED}, {"is_archived": True},
])  # fmt: skip
def test_only_of_events_that_take_sign_ups(event, fields):
    Event.objects.update(**fields)
    assert reminders.remind_of_unfilled(at=before(72)) == 0


def test_optional_positions_do_not_count(event):
    event.positions.update(is_optional=True)
    assert reminders.remind_of_unfilled(at=before(72)) == 0


def test_a_full_event_is_reminded_of_once_somebody_leaves(event):
    assignment = put(make_member(), event.positions.get())
    assert reminders.remind_of_unfilled(at=before(72)) == 0
    Assignment.objects.get(pk=assignment.pk).delete()
    assert reminders.remind_of_unfilled(at=before(50)) == 1


def test_unmet_conditions_count_behind_closed_sign_ups_too(planners):
    doctor = QualificationFactory(name="Lékař", can_lead=True)
    event = make_capacity_event({doctor: 1}, responsible_person=planners[0])
    Event.objects.filter(pk=event.pk).update(status=Status.CLOSED, start=START, end=START + timedelta(hours=5))
    assert reminders.remind_of_unfilled(at=before(72)) == 1
    with time_machine.travel(before(72), tick=False):
        mail = composed(OutboxMessage.objects.filter(code="unfilled_reminder").first())
    for part in both_parts(mail):
        assert "Lékař ×1" in part


@pytest.mark.django_db(transaction=True)
def test_two_workers_remind_once(event):
    found = together([partial(reminders.remind_of_unfilled, at=before(72)) for _worker in range(4)])
    assert sorted(outcome.value for outcome in found) == [0, 0, 0, 1]
    assert len(told()) == 2


def test_reading_is_one_query_where_nothing_is_due(event, django_assert_num_queries):
    for _number in range(5):
        EventFactory(start=START, end=START + timedelta(hours=5), status=Status.OPEN)
    with django_assert_num_queries(1):
        reminders.remind_of_unfilled(at=before(100))


def test_the_schedule_is_planned_with_the_event(event, planners):
    planning.edit_event(event.pk, by=planners[1], version=None, reminder_schedule="12,  96,nic")
    event.refresh_from_db()
    assert event.reminder_schedule == "96, 12"
    assert not OutboxMessage.objects.filter(code="event_changed").exists()


def test_what_was_sent_is_no_part_of_the_record(event):
    SiteSettings.load()
    before_it = AuditEntry.objects.count()
    reminders.remind_of_unfilled(at=before(72))
    assert AuditEntry.objects.count() == before_it


class TestTheMail:
    def mail(self):
        return composed(OutboxMessage.objects.filter(code="unfilled_reminder").first())

    def test_counts_what_is_free_when_it_is_sent(self, event):
        PositionFactory(event=event, description="Sanitka")
        reminders.remind_of_unfilled(at=before(72))
        put(make_member(), event.positions.get(description="Sanitka"))
        with time_machine.travel(before(72), tick=False):
            for part in both_parts(self.mail()):
                assert "Hlídka u vstupu" in part
                assert "Sanitka" not in part

    def test_loses_its_point_when_everybody_is_there(self, event):
        reminders.remind_of_unfilled(at=before(72))
        put(make_member(), event.positions.get())
        with time_machine.travel(before(72), tick=False):
            assert self.mail() is None
