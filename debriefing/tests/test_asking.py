"""Invitations when events are over, and reminders to whoever has not answered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from debriefing.models import ConfidentialAnswers, Debriefing, DebriefingRequest
from debriefing.rules import NoteStatus
from debriefing.services import asking
from debriefing.tests.factories import asked, done_duty, handed_in, make_manager
from events.models import Assignment, Event
from events.rules.lifecycle import Status
from events.services import lifecycle
from events.tests.factories import EVENING, EventFactory, PositionFactory, put
from events.tests.mails import both_parts
from events.tests.seasons import PAST, bring_in, sheet_event, sheet_person
from medcover.common.errors import DomainError, NotAllowed
from medcover.system.models import AuditEntry
from notifications.models import NotificationSwitch, OutboxMessage
from notifications.tests.mails import composed
from roster.rights import Role
from roster.tests.factories import UserFactory, make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db

NOON = EVENING.replace(hour=12)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def told(code: str) -> list[str]:
    return sorted(OutboxMessage.objects.filter(code=code).values_list("to_email", flat=True))


def complete(event: Event) -> None:
    lifecycle.complete_due(at=event.end)


class TestInvitation:
    def test_goes_to_everybody_once_the_event_is_over(self):
        event = EventFactory()
        people = [put(make_member(), PositionFactory(event=event)).person for _number in range(2)]
        complete(event)
        assert told("debriefing_invitation") == sorted(person.email for person in people)
        assert set(DebriefingRequest.objects.values_list("invited_at", flat=True)) == {event.end}

    def test_leads_to_the_readers_own_form(self):
        duty = put(make_member(), PositionFactory())
        complete(duty.event)
        mail = composed(OutboxMessage.objects.get(code="debriefing_invitation"))
        for part in both_parts(mail):
            assert "Vyplňte prosím debriefing" in part
        assert f"http://testserver/debriefing/{duty.pk}/" in mail.body

    def test_goes_only_to_members(self):
        event = EventFactory()
        for role in (Role.ADMIN, Role.COORDINATOR, Role.VIEWER, Role.DEBRIEFING_MANAGER):
            put(UserFactory(roles=[role]), PositionFactory(event=event))
        complete(event)
        assert told("debriefing_invitation") == []
        assert DebriefingRequest.objects.count() == 4

    def test_has_no_point_once_the_debriefing_is_there(self):
        duty = put(make_member(), PositionFactory())
        complete(duty.event)
        handed_in(duty)
        assert composed(OutboxMessage.objects.get(code="debriefing_invitation")) is None

    def test_is_remembered_also_where_it_is_switched_off(self):
        NotificationSwitch.objects.update_or_create(code="debriefing_invitation", defaults={"enabled": False})
        duty = put(make_member(), PositionFactory())
        complete(duty.event)
        assert told("debriefing_invitation") == []
        assert DebriefingRequest.objects.get().assignment == duty

    def test_goes_once(self):
        duty = done_duty()
        assert asking.invite(duty.event, at=NOON) == 1
        assert asking.invite(duty.event, at=NOON + DAY) == 0
        assert DebriefingRequest.objects.get().invited_at == NOON


class TestReminders:
    @pytest.fixture
    def duty(self):
        return done_duty()

    def test_come_after_three_and_after_ten_days(self, duty):
        asked(duty, NOON)
        for days in range(15):
            for hours in (0, 1):
                asking.remind_due(at=NOON + days * DAY + hours * HOUR)
                row = DebriefingRequest.objects.get()
                assert (row.reminded_at is not None) == (days >= 3)
                assert (row.last_reminded_at is not None) == (days >= 10)
        assert told("debriefing_reminder") == told("debriefing_last_reminder") == [duty.person.email]
        assert (row.reminded_at, row.last_reminded_at) == (NOON + 3 * DAY, NOON + 10 * DAY)

    def test_missed_ones_are_caught_up_by_the_last(self, duty):
        asked(duty, NOON)
        assert asking.remind_due(at=NOON + 40 * DAY) == 1
        assert asking.remind_due(at=NOON + 41 * DAY) == 0
        assert (told("debriefing_reminder"), told("debriefing_last_reminder")) == ([], [duty.person.email])

    def test_do_not_come_in_the_night(self, duty):
        asked(duty, NOON)
        assert asking.remind_due(at=NOON + 3 * DAY + 14 * HOUR) == 0
        assert asking.remind_due(at=NOON + 3 * DAY + 20 * HOUR) == 1

    @pytest.mark.parametrize("days", [3, 10])
    def test_do_not_come_to_whoever_has_answered(self, duty, days):
        asked(duty, NOON)
        handed_in(duty)
        assert asking.remind_due(at=NOON + days * DAY) == 0

    def test_do_not_come_about_what_is_put_away(self, duty):
        asked(duty, NOON)
        Event.objects.update(is_archived=True)
        assert asking.remind_due(at=NOON + 3 * DAY) == 0

    def test_do_not_come_to_whoever_was_never_asked(self, duty):
        assert asking.remind_due(at=NOON + 300 * DAY) == 0

    def test_of_one_event_do_not_hang_on_another(self, duty, monkeypatch, caplog):
        other = done_duty()
        asked(duty, NOON)
        asked(other, NOON)
        real = asking.lock_event

        def broken(event_id):
            if event_id == duty.event_id:
                raise RuntimeError("broken")
            return real(event_id)

        monkeypatch.setattr(asking, "lock_event", broken)
        assert asking.remind_due(at=NOON + 3 * DAY) == 1
        assert told("debriefing_reminder") == [other.person.email]
        assert "Nobody could be reminded" in caplog.text
        caplog.clear()


class TestRemindersByHand:
    @pytest.fixture
    def duty(self):
        return done_duty()

    @pytest.mark.parametrize("who", [make_admin, make_coordinator, make_member])
    def test_are_for_debriefing_managers_alone(self, duty, who):
        with pytest.raises(NotAllowed):
            asking.remind_by_hand(duty.event_id, by=who(), at=NOON)
        assert told("debriefing_reminder") == []

    def test_go_to_whoever_has_not_answered(self, duty):
        handed_in(done_duty(event=duty.event))
        manager = make_manager()
        assert asking.remind_by_hand(duty.event_id, by=manager, at=NOON) == 1
        assert told("debriefing_reminder") == [duty.person.email]
        assert DebriefingRequest.objects.get().reminded_at == NOON
        assert AuditEntry.objects.get(actor=manager).event_id == duty.event_id

    def test_are_counted_as_the_gentle_one(self, duty):
        asked(duty, NOON)
        asking.remind_by_hand(duty.event_id, by=make_manager(), at=NOON + 2 * DAY)
        assert asking.remind_due(at=NOON + 3 * DAY) == 0
        assert DebriefingRequest.objects.get().invited_at == NOON

    def test_do_not_come_twice_a_day(self, duty):
        manager = make_manager()
        asking.remind_by_hand(duty.event_id, by=manager, at=NOON)
        with pytest.raises(DomainError):
            asking.remind_by_hand(duty.event_id, by=manager, at=NOON + 23 * HOUR)
        assert asking.remind_by_hand(duty.event_id, by=manager, at=NOON + 24 * HOUR) == 1

    def test_are_about_completed_events(self, duty):
        Event.objects.update(status=Status.CLOSED)
        with pytest.raises(DomainError):
            asking.remind_by_hand(duty.event_id, by=make_manager(), at=NOON)

    def test_are_about_events_that_exist(self):
        with pytest.raises(DomainError):
            asking.remind_by_hand(10**30, by=make_manager(), at=NOON)


@pytest.mark.parametrize("with_importer", [True, False])
def test_past_events_that_are_imported_ask_nobody(with_importer):
    """A whole sheet, as the command reads it."""
    importer = make_admin() if with_importer else None
    person = sheet_person("Malá Hana", "hana@example.org")
    bring_in(person, sheet_event("Hokej", PAST, signups=("Malá Hana",)), by=importer)
    duty = Assignment.objects.get(person__name="Malá Hana")
    assert duty.event.status == Status.COMPLETED
    assert Debriefing.objects.get().submitted_by == (importer or duty.person)
    assert ConfidentialAnswers.objects.get().note_status == NoteStatus.NONE
    assert not DebriefingRequest.objects.exists()
    assert not OutboxMessage.objects.filter(code__startswith="debriefing").exists()
