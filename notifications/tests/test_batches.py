"""Messages that leave together: what waits for one person makes one mail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from medcover.system.models import SiteSettings
from notifications import claiming, delivery, services
from notifications.claiming import claim
from notifications.delivery import Outcome, drain
from notifications.models import OptOut, OutboxMessage
from notifications.tests.factories import MessageFactory, message_to
from notifications.tests.types import BATCH
from roster.models import User
from roster.tests.factories import make_member

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 5, 5, 12, 0, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)
Status = OutboxMessage.Status


def drain_at(moment: datetime) -> Outcome:
    return drain(clock=lambda: moment)


def waits(person: User, number: int, *, code: str = "in_batch", **fields: Any) -> OutboxMessage:
    """A message of the batch, about a thing of its own."""
    fields = {"topic": f"thing:{number}", "payload": {"number": number}, "batch": BATCH.code, **fields}
    return message_to(person, code=code, **fields)


def statuses(*rows: OutboxMessage) -> list[str]:
    found = dict(OutboxMessage.objects.values_list("pk", "status"))
    return [found[row.pk] for row in rows]


class TestTogether:
    def test_what_is_due_takes_along_what_waits_for_the_same_person(self, mail_server):
        person, other = make_member(), make_member()
        rows = [waits(person, 1), waits(person, 2, send_after=TOMORROW)]
        left = waits(other, 3, send_after=TOMORROW)
        drain_at(NOW)
        assert [mail.subject for mail in mail_server.messages] == ["Čísla: 1, 2"]
        assert statuses(*rows, left) == [Status.SENT, Status.SENT, Status.PENDING]
        assert len(set(OutboxMessage.objects.filter(status="sent").values_list("sent_at", "mail_id"))) == 1

    def test_each_person_gets_one_mail(self, mail_server):
        people = [make_member() for _n in range(3)]
        for number in range(1, 5):
            for person in people:
                waits(person, number)
        drain_at(NOW)
        assert sorted(mail.recipients[0] for mail in mail_server.messages) == sorted(p.email for p in people)

    def test_another_address_and_what_stands_alone_stay_apart(self, mail_server):
        person = make_member()
        waits(person, 1)
        waits(person, 2, to_email="stara@example.org")
        message_to(person, code="plain", topic="thing:9")
        drain_at(NOW)
        assert sorted(mail.subject for mail in mail_server.messages) == ["[cs] Zpráva", "Čísla: 1", "Čísla: 2"]

    def test_what_has_lost_its_point_is_left_out_and_skipped(self, mail_server):
        person = make_member()
        rows = [waits(person, 1), waits(person, 2)]
        OutboxMessage.objects.filter(pk=rows[0].pk).update(payload={"number": 0})
        drain_at(NOW)
        assert [mail.subject for mail in mail_server.messages] == ["Čísla: 2"]
        assert statuses(*rows) == [Status.SKIPPED, Status.SENT]

    def test_a_type_declined_meanwhile_is_left_out(self, mail_server):
        person = make_member()
        rows = [waits(person, 1), waits(person, 2, code="in_batch_at_once")]
        OptOut.objects.create(person=person, code="in_batch")
        drain_at(NOW)
        assert [mail.subject for mail in mail_server.messages] == ["Čísla: 2"]
        assert statuses(*rows) == [Status.SKIPPED, Status.SENT]

    def test_nobody_is_written_to_when_nothing_remains(self, mail_server):
        row = waits(make_member(), 0)
        drain_at(NOW)
        assert (statuses(row), mail_server.messages) == ([Status.SKIPPED], [])


class TestFailing:
    def test_only_what_was_due_counts_the_failure(self, mail_server):
        person = make_member()
        due, waiting = waits(person, 1), waits(person, 2, send_after=TOMORROW)
        mail_server.refused.add(person.email)
        drain_at(NOW)
        due.refresh_from_db()
        waiting.refresh_from_db()
        assert (due.status, due.attempts, due.send_after) == (Status.PENDING, 1, NOW + timedelta(minutes=1))
        assert (waiting.status, waiting.attempts, waiting.send_after) == (Status.PENDING, 0, TOMORROW)

    def test_the_same_mail_tried_again_keeps_its_message_id(self, mail_server):
        person = make_member()
        waits(person, 1)
        waits(person, 2)
        mail_server.greylist(person.email)
        drain_at(NOW)
        tried = set(OutboxMessage.objects.values_list("mail_id", flat=True))
        drain_at(NOW + timedelta(minutes=1))
        assert [mail.id for mail in mail_server.messages] == [f"<{key}@testserver>" for key in tried]

    def test_a_mail_that_says_more_than_the_one_that_failed_gets_another(self, mail_server):
        person = make_member()
        row = waits(person, 1)
        mail_server.greylist(person.email)
        drain_at(NOW)
        waits(person, 2)
        drain_at(NOW + timedelta(minutes=1))
        (mail,) = mail_server.messages
        assert mail.subject == "Čísla: 1, 2"
        assert mail.id != f"<{row.pk}@testserver>"

    def test_so_does_one_whose_content_has_changed(self, mail_server):
        person = make_member()
        services.enqueue("in_batch", recipients=[person.pk], topic="thing:1", payload={"number": 1})
        row = OutboxMessage.objects.get()
        mail_server.greylist(person.email)
        drain_at(NOW)
        services.enqueue("in_batch", recipients=[person.pk], topic="thing:1", payload={"number": 2})
        drain_at(NOW + timedelta(minutes=1))
        (mail,) = mail_server.messages
        assert (mail.subject, mail.id == f"<{row.pk}@testserver>") == ("Čísla: 3", False)

    def test_one_that_cannot_be_written_keeps_no_other(self, mail_server):
        person = make_member()
        broken, good = waits(person, 1, payload={"number": 1, "broken": True}), waits(person, 2)
        drain_at(NOW)
        assert [mail.subject for mail in mail_server.messages] == ["Čísla: 2"]
        assert statuses(broken, good) == [Status.PENDING, Status.SENT]

    def test_with_the_server_away_nothing_but_the_first_mail_counts(self, mail_server, monkeypatch):
        monkeypatch.setattr("notifications.mailers.SMTP_TIMEOUT", 0.2)
        rows = [waits(make_member(), number) for number in (1, 2, 3)]
        mail_server.stall("MAIL")
        assert drain_at(NOW) is Outcome.NO_WAY_OUT
        assert statuses(*rows) == [Status.PENDING] * 3
        assert sorted(OutboxMessage.objects.values_list("attempts", flat=True)) == [0, 0, 1]
        assert OutboxMessage.objects.filter(claimed_at__isnull=False).count() == 1


class TestTheLimit:
    def test_so_many_leave_in_a_minute_and_the_rest_in_the_next(self, mail_server):
        SiteSettings.load()
        SiteSettings.objects.update(mails_per_minute=2)
        MessageFactory.create_batch(5)
        sent = []
        for seconds in (0, 30, 60, 119, 120):
            drain_at(NOW + timedelta(seconds=seconds))
            sent.append(len(mail_server.messages))
        assert sent == [2, 2, 4, 4, 5]

    def test_a_mail_with_many_messages_counts_once(self, mail_server):
        SiteSettings.load()
        SiteSettings.objects.update(mails_per_minute=2)
        people = [make_member(), make_member()]
        for number in (1, 2, 3):
            for person in people:
                waits(person, number)
        drain_at(NOW)
        assert len(mail_server.messages) == 2

    def test_mail_about_accounts_does_not_wait_but_counts(self, mail_server):
        SiteSettings.load()
        SiteSettings.objects.update(mails_per_minute=1)
        MessageFactory.create_batch(3, code="account", priority=0)
        MessageFactory()
        drain_at(NOW)
        assert len(mail_server.messages) == 3
        drain_at(NOW + timedelta(minutes=1))
        assert len(mail_server.messages) == 4


class TestClaiming:
    def test_in_the_order_in_which_they_became_due(self):
        late = MessageFactory(send_after=NOW - timedelta(minutes=1))
        early = MessageFactory(send_after=NOW - timedelta(minutes=2))
        account = MessageFactory(priority=0, send_after=NOW)
        assert claim(NOW, most=10) == [account.pk, early.pk, late.pk]

    def test_no_more_than_asked_for(self):
        MessageFactory.create_batch(3)
        assert [len(claim(NOW, most=2)) for _again in range(3)] == [2, 1, 0]

    def test_costs_the_same_statements_however_many(self, django_assert_max_num_queries):
        SiteSettings.load()
        person = make_member()
        for number in range(1, 20):
            waits(person, number)
            MessageFactory()
        with django_assert_max_num_queries(7):
            assert len(claim(NOW, most=50)) == 20

    def test_finds_what_is_due_by_the_index_and_leaves_what_waits_unread(self):
        MessageFactory.create_batch(300, send_after=TOMORROW)
        due = OutboxMessage.objects.deliverable(NOW)[:10]
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE notifications_outboxmessage")
        plan = due.explain(analyze=True)
        assert "outbox_due" in plan
        assert "Rows Removed by Filter" not in plan

    def test_adapts_to_how_fast_the_server_is(self, monkeypatch):
        asked: list[int] = []

        def claimed(_at: datetime, *, most: int, channel: str) -> list[int]:
            asked.append(most)
            return [1]

        monkeypatch.setattr(delivery, "claim", claimed)
        claims = delivery._Claims([])
        for seconds in (0, 0.1, 0.2, 5, 10, 15, 20, 25):
            claims.next(NOW + timedelta(seconds=seconds))
        assert asked == [4, 8, 16, 8, 4, 2, 1, 1]


class TestTheKeyOfAMail:
    def row(self, **fields: Any) -> OutboxMessage:
        return OutboxMessage(**{"attempts": 1, "payload": {"number": 1}} | fields)

    def test_is_the_message_itself_where_it_is_alone_and_says_what_it_said(self):
        fresh, tried = self.row(attempts=0), self.row()
        tried.mail_id = tried.pk
        assert (claiming._mail_of([fresh]), claiming._mail_of([tried])) == (fresh.pk, tried.pk)

    def test_is_another_once_the_message_says_something_else(self):
        changed = self.row(mail_id=None)
        assert claiming._mail_of([changed]) != changed.pk

    def test_is_the_same_for_the_same_messages_that_say_the_same_and_no_others(self):
        rows = [self.row(), self.row()]
        key = claiming._mail_of(rows)
        assert claiming._mail_of(rows) == key
        for row in rows:
            row.mail_id = key
        assert claiming._mail_of(rows[:1]) not in {key, *(row.pk for row in rows)}
        rows[1].payload = {"number": 2}
        assert claiming._mail_of(rows) != key
