"""Putting messages into the outbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ

from events.models import Assignment
from events.services import crew, notifications
from events.tests.factories import PositionFactory
from medcover.common.errors import DomainError
from medcover.system.models import AuditEntry
from notifications import services as outbox
from notifications.models import NotificationSwitch, OutboxMessage
from notifications.rules import Priority
from notifications.tests.factories import MessageFactory, message_to
from roster.models import User
from roster.rights import Role
from roster.tests.factories import UserFactory, make_admin, make_member, make_viewer

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 5, 5, 12, 0, tzinfo=UTC)
Status = OutboxMessage.Status


def tell(code: str, *people: User, **fields: object) -> int:
    return outbox.enqueue(code, recipients=[person.pk for person in people], **fields)


class TestWhoIsTold:
    def test_an_active_person_gets_a_row_with_their_address(self):
        person = make_member()
        assert tell("plain", person, topic="thing:1", payload={"title": "Ahoj"}) == 1
        row = OutboxMessage.objects.get()
        assert (row.recipient, row.to_email, row.status) == (person, person.email, Status.PENDING)
        assert (row.topic, row.payload, row.priority) == ("thing:1", {"title": "Ahoj"}, Priority.NORMAL)

    def test_inactive_and_archived_people_are_left_out(self):
        gone = UserFactory(is_active=False), UserFactory(is_active=False, is_archived=True)
        assert tell("plain", *gone) == 0
        assert not OutboxMessage.objects.exists()

    def test_only_holders_of_the_types_roles_are_told(self):
        viewer, admin, nobody = make_viewer(), make_admin(), UserFactory(roles=[])
        both = UserFactory(roles=[Role.VIEWER, Role.MEMBER])
        assert tell("members", viewer, admin, nobody, both) == 1
        assert OutboxMessage.objects.get().recipient == both

    def test_several_fitting_roles_make_one_message(self):
        assert tell("plain", UserFactory(roles=[Role.ADMIN, Role.COORDINATOR, Role.MEMBER])) == 1
        assert OutboxMessage.objects.count() == 1

    def test_a_query_of_people_will_do(self):
        make_member()
        assert outbox.enqueue("plain", recipients=User.objects.values_list("pk", flat=True)) == 1

    def test_an_unknown_type_is_a_mistake_in_the_code(self):
        with pytest.raises(KeyError):
            tell("nonsense", make_member())

    def test_account_mail_has_the_right_of_way(self):
        tell("account", make_member())
        assert OutboxMessage.objects.get().priority == Priority.AUTH

    def test_the_number_of_queries_does_not_grow_with_people(self):
        def queries(count: int) -> int:
            people = UserFactory.create_batch(count)
            with CaptureQueriesContext(
                connection,
            ) as first:
                tell("sum", *people, topic=f"thing:{count}", payload={"number": 1})
            with CaptureQueriesContext(connection) as second:
                tell("sum", *people, topic=f"thing:{count}", payload={"number": 1})
            return len(first) + len(second)

        assert queries(2) == queries(20) <= 20


class TestSubjects:
    def test_are_in_the_language_of_each_reader(self):
        czech, english = make_member(language="cs"), make_member(language="en")
        tell("plain", czech, english, payload={"title": "X"})
        subjects = dict(OutboxMessage.objects.values_list("recipient", "subject"))
        assert subjects == {czech.pk: "[cs] X", english.pk: "[en] X"}

    def test_are_one_line_that_fits(self):
        tell("plain", make_member(), payload={"title": "Ples\r\nBcc: vsichni@example.org" + "x" * 400})
        subject = OutboxMessage.objects.get().subject
        assert "\n" not in subject
        assert "\r" not in subject
        assert len(subject) == 255


class TestMerging:
    def test_a_waiting_message_takes_up_the_news(self):
        person = make_member()
        tell("plain", person, topic="thing:1", payload={"title": "staré"}, send_after=NOW)
        person.email = "nova@example.org"
        person.save()
        tell("plain", person, topic="thing:1", payload={"title": "nové"}, send_after=NOW + timedelta(hours=1))
        row = OutboxMessage.objects.get()
        assert (row.payload, row.subject) == ({"title": "nové"}, "[cs] nové")
        assert (row.to_email, row.send_after) == ("nova@example.org", NOW)

    def test_what_cancels_out_is_not_told(self):
        person = make_member()
        tell("sum", person, topic="thing:1", payload={"number": 3})
        tell("sum", person, topic="thing:1", payload={"number": -3})
        assert not OutboxMessage.objects.exists()

    def test_the_subject_follows_the_merged_content(self):
        person = make_member()
        tell("sum", person, topic="thing:1", payload={"number": 1})
        tell("sum", person, topic="thing:1", payload={"number": 2})
        assert OutboxMessage.objects.get().subject == "[cs] Součet 3"

    def test_other_topics_types_and_people_stay_apart(self):
        one, two = make_member(), make_member()
        tell("plain", one, topic="thing:1")
        tell("plain", one, topic="thing:2")
        tell("other", one, topic="thing:1")
        tell("plain", two, topic="thing:1")
        assert OutboxMessage.objects.count() == 4

    def test_without_a_topic_nothing_merges(self):
        person = make_member()
        tell("plain", person)
        tell("plain", person)
        assert OutboxMessage.objects.count() == 2

    @pytest.mark.parametrize("status", [Status.SENDING, Status.SENT, Status.FAILED, Status.SKIPPED])
    def test_only_waiting_messages_take_up_news(self, status):
        person = make_member()
        message_to(person, topic="thing:1", status=status, sent_at=NOW)
        tell("plain", person, topic="thing:1", payload={"title": "nové"})
        assert OutboxMessage.objects.count() == 2

    def test_people_with_and_without_a_waiting_message_are_told_together(self):
        people = UserFactory.create_batch(5)
        tell("sum", *people[:2], topic="thing:1", payload={"number": 1})
        tell("sum", *people, topic="thing:1", payload={"number": 1})
        numbers = sorted(row.payload["number"] for row in OutboxMessage.objects.all())
        assert numbers == [1, 1, 1, 2, 2]


class TestSwitches:
    def test_a_type_switched_off_tells_nobody_until_switched_on(self):
        boss, person = make_admin(), make_member()
        outbox.switch("plain", enabled=False, by=boss)
        assert tell("plain", person) == 0
        outbox.switch("plain", enabled=True, by=boss)
        assert tell("plain", person) == 1

    def test_the_change_is_recorded(self):
        boss = make_admin()
        outbox.switch("plain", enabled=False, by=boss)
        entry = AuditEntry.objects.get_for_model(NotificationSwitch).get()
        assert (entry.actor, entry.changes["enabled"][1]) == (boss, "False")

    def test_account_mail_cannot_be_switched_off(self):
        with pytest.raises(DomainError):
            outbox.switch("account", enabled=False, by=make_admin())
        NotificationSwitch.objects.create(code="account", enabled=False)
        assert tell("account", make_member()) == 1


class TestDropping:
    def test_forgets_what_waits_for_one_person_only(self):
        gone, other = make_member(), make_member()
        tell("plain", gone, other)
        tell("other", gone)
        done = message_to(gone, status=Status.SENT, sent_at=NOW)
        assert outbox.drop_pending_of(gone.pk) == 2
        assert set(OutboxMessage.objects.values_list("recipient", "status")) == {
            (other.pk, Status.PENDING),
            (gone.pk, Status.SENT),
        }
        assert OutboxMessage.objects.filter(pk=done.pk).exists()


class TestResending:
    @pytest.mark.parametrize("status", [Status.FAILED, Status.SKIPPED])
    def test_gives_a_message_all_its_attempts_again_and_records_it(self, status):
        boss = make_admin()
        row = MessageFactory(status=status, attempts=6, last_error="550 No such user", subject="Předmět")
        outbox.resend(row.pk, by=boss, at=NOW)
        row.refresh_from_db()
        assert (row.status, row.attempts, row.last_error, row.send_after) == (Status.PENDING, 0, "", NOW)
        entry = AuditEntry.objects.get(kind=AuditEntry.Kind.RESEND)
        assert entry.actor == boss
        assert "Předmět" in entry.summary

    @pytest.mark.parametrize("status", [Status.PENDING, Status.SENDING, Status.SENT])
    def test_is_refused_for_everything_else(self, status):
        row = MessageFactory(status=status, sent_at=NOW)
        with pytest.raises(DomainError):
            outbox.resend(row.pk, by=make_admin(), at=NOW)

    def test_is_refused_while_a_newer_one_of_its_kind_waits(self):
        person = make_member()
        old = message_to(person, topic="thing:1", status=Status.FAILED)
        tell("plain", person, topic="thing:1")
        with pytest.raises(DomainError):
            outbox.resend(old.pk, by=make_admin(), at=NOW)
        old.refresh_from_db()
        assert old.status == Status.FAILED

    def test_is_refused_for_a_message_that_is_gone(self):
        row = MessageFactory()
        row_id = row.pk
        row.delete()
        with pytest.raises(DomainError):
            outbox.resend(row_id, by=make_admin(), at=NOW)


class TestWithTheChange:
    """A message exists if and only if the change that caused it does."""

    @pytest.mark.django_db(transaction=True)
    def test_a_service_rolled_back_leaves_no_message_and_wakes_nobody(self, monkeypatch):
        member, position = make_member(), PositionFactory()
        OrmQ.objects.all().delete()

        def tell_and_fail(code: str, assignment: Assignment) -> None:
            assert tell(code, assignment.person, payload={"event_name": "X"}) == 1
            raise RuntimeError

        monkeypatch.setattr(notifications, "notify_person", tell_and_fail)
        with pytest.raises(RuntimeError):
            crew.claim(position.pk, by=member, at=NOW)
        assert not Assignment.objects.exists()
        assert not OutboxMessage.objects.exists()
        assert not OrmQ.objects.exists()

    def test_the_worker_is_woken_after_the_commit(self, django_capture_on_commit_callbacks):
        OrmQ.objects.all().delete()
        with django_capture_on_commit_callbacks(execute=True):
            tell("plain", make_member())
            assert not OrmQ.objects.exists()
        assert [task.func() for task in OrmQ.objects.all()] == ["notifications.jobs.drain"]

    @pytest.mark.logs_errors
    def test_a_dead_queue_does_not_harm_the_change(self, monkeypatch, django_capture_on_commit_callbacks):
        def fail(*_args: object) -> None:
            raise ConnectionError

        monkeypatch.setattr("django_q.tasks.async_task", fail)
        with django_capture_on_commit_callbacks(execute=True):
            tell("plain", make_member())
        assert OutboxMessage.objects.count() == 1

    def test_telling_nobody_wakes_nobody(self, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks() as callbacks:
            tell("members", make_viewer())
        assert callbacks == []


class TestRest:
    """What people can bring about over and over floods nobody."""

    @pytest.fixture(autouse=True)
    def clock(self):
        with time_machine.travel(NOW, tick=False) as clock:
            yield clock

    def deliver_due(self) -> int:
        due = OutboxMessage.objects.deliverable(timezone.now())
        return OutboxMessage.objects.filter(pk__in=[row.pk for row in due]).update(
            status=Status.SENT, sent_at=timezone.now()
        )

    def test_the_first_message_leaves_at_once_and_the_next_one_waits(self, clock):
        person = make_member()
        tell("rested", person, topic="thing:1", payload={"number": 1})
        assert self.deliver_due() == 1
        tell("rested", person, topic="thing:1", payload={"number": 2})
        tell("rested", person, topic="thing:1", payload={"number": 3})
        assert self.deliver_due() == 0
        clock.shift(timedelta(minutes=10))
        assert self.deliver_due() == 1
        assert set(OutboxMessage.objects.values_list("payload__number", flat=True)) == {1, 5}

    def test_what_cancels_itself_out_meanwhile_is_never_told(self, clock):
        person = make_member()
        tell("rested", person, topic="thing:1", payload={"number": 1})
        self.deliver_due()
        for number in (1, -1) * 10:
            tell("rested", person, topic="thing:1", payload={"number": number})
        clock.shift(timedelta(hours=1))
        assert self.deliver_due() == 0

    def test_other_topics_and_other_people_are_not_concerned(self, clock):
        person, other = make_member(), make_member()
        tell("rested", person, topic="thing:1")
        self.deliver_due()
        tell("rested", other, topic="thing:1")
        tell("rested", person, topic="thing:2")
        assert self.deliver_due() == 2

    def test_somebody_who_comes_and_goes_all_day_writes_few_mails(self, clock):
        leader, restless = make_member(), make_member()
        position = PositionFactory(event__responsible_person=leader, event__start=NOW + timedelta(days=60),
                                   event__end=NOW + timedelta(days=60, hours=4))  # fmt: skip
        PositionFactory(event=position.event)
        others = [make_member() for _n in range(3)]
        for _round in range(60):
            crew.claim(position.pk, by=restless, at=timezone.now())
            self.deliver_due()
            crew.leave(position.event_id, by=restless, at=timezone.now())
            self.deliver_due()
            clock.shift(timedelta(minutes=1))
        told = OutboxMessage.objects.filter(status=Status.SENT)
        assert told.filter(recipient=leader).count() <= 14
        assert all(told.filter(recipient=other).count() <= 2 for other in others)
