"""Two connections at once: queueing the same news, and news while their predecessor is on its way."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F

from notifications import services as outbox
from notifications.delivery import drain
from notifications.models import OutboxMessage
from notifications.tests.factories import message_to
from notifications.tests.smtp import PATIENCE
from notifications.tests.threads import beside, wait_until_somebody_waits_for_us
from roster.tests.factories import UserFactory, make_member

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2027, 5, 5, 12, 0, tzinfo=UTC)
Status = OutboxMessage.Status


def add(number: int, *people: Any) -> int:
    payload = {"number": number, "title": f"Součet {number}"}
    return outbox.enqueue("sum", recipients=people, topic="thing:1", payload=payload)


def drain_at(moment: datetime) -> None:
    drain(clock=lambda: moment)


class TestTheSameNewsAtOnce:
    @pytest.mark.parametrize("keep", [True, False])
    def test_the_second_waits_for_the_first_and_merges_or_stands_alone(self, keep):
        person = make_member().pk
        with beside() as start:
            with transaction.atomic():
                add(1, person)
                second = start(add, 2, person)
                wait_until_somebody_waits_for_us()
                transaction.set_rollback(not keep)
            assert second.result(PATIENCE) == 1
        assert OutboxMessage.objects.get().payload["number"] == (3 if keep else 2)

    def test_many_at_once_leave_one_message_that_holds_everything(self):
        person, together = make_member().pk, threading.Barrier(8)

        def work() -> None:
            together.wait(PATIENCE)
            for _n in range(5):
                add(1, person)

        with beside(8) as start:
            for future in [start(work) for _n in range(8)]:
                future.result(PATIENCE)
        assert OutboxMessage.objects.get().payload["number"] == 40

    def test_many_people_in_any_order_never_deadlock(self):
        people, together = [person.pk for person in UserFactory.create_batch(30)], threading.Barrier(4)

        def work(order: list[Any]) -> None:
            together.wait(PATIENCE)
            for _n in range(5):
                add(1, *order)

        with beside(4) as start:
            for future in [start(work, order) for order in (people, people[::-1]) * 2]:
                future.result(PATIENCE)
        assert {row.payload["number"] for row in OutboxMessage.objects.all()} == {20}
        assert OutboxMessage.objects.count() == 30


class TestNewsWhileTheirPredecessorIsOnItsWay:
    def test_they_wait_for_nobody_and_become_a_message_of_their_own(self, mail_server):
        person = make_member()
        add(1, person.pk)
        mail_server.hold()
        with beside() as start:
            sending = start(drain_at, NOW)
            mail_server.wait_until_holding()
            add(2, person.pk)
            outbox.drop_pending_of(make_member().pk)
            assert set(OutboxMessage.objects.values_list("status", flat=True)) == {Status.SENDING, Status.PENDING}
            mail_server.release()
            sending.result(PATIENCE)
        assert [mail.subject for mail in mail_server.messages] == ["[cs] Součet 1", "[cs] Součet 2"]

    def test_when_it_fails_the_newer_one_takes_over_its_news(self, mail_server):
        old, new = self._fail_while_queueing(mail_server, 2)
        assert (old.status, new.status, new.payload["number"]) == (Status.SKIPPED, Status.PENDING, 3)
        drain_at(NOW + timedelta(minutes=1))
        assert [mail.subject for mail in mail_server.messages] == ["[cs] Součet 3"]

    def test_when_it_fails_and_the_newer_one_undoes_it_nobody_is_told(self, mail_server):
        (old,) = self._fail_while_queueing(mail_server, -1)
        assert old.status == Status.SKIPPED
        drain_at(NOW + timedelta(days=1))
        assert mail_server.messages == []

    def _fail_while_queueing(self, mail_server: Any, number: int) -> list[OutboxMessage]:
        """Let the server refuse the first message after the second of its kind was queued."""
        person = make_member()
        add(1, person.pk)
        mail_server.hold()
        with beside() as start:
            sending = start(drain_at, NOW)
            mail_server.wait_until_holding()
            add(number, person.pk)
            OutboxMessage.objects.filter(status=Status.PENDING).update(send_after=NOW + timedelta(minutes=1))
            mail_server.refuse_held()
            sending.result(PATIENCE)
        return list(OutboxMessage.objects.order_by("created_at"))

    def test_when_it_fails_just_as_the_newer_one_is_queued_both_find_together(self, mail_server):
        """The newer one is inserted, but not yet committed, when the failed one wants to wait again."""
        person = make_member()
        add(1, person.pk)
        mail_server.refused.add(person.email)
        with beside() as start:
            OutboxMessage.objects.update(status=Status.SENDING, mail_id=F("id"))
            with transaction.atomic():
                add(2, person.pk)
                failing = start(drain_at, NOW)
                wait_until_somebody_waits_for_us()
            failing.result(PATIENCE)
        old, new = OutboxMessage.objects.order_by("created_at")
        assert (old.status, new.status, new.payload["number"]) == (Status.SKIPPED, Status.PENDING, 3)


class TestResendingTwice:
    def test_one_wins_and_the_other_is_refused_politely(self):
        person = make_member()
        rows = [message_to(person, code="sum", topic="thing:1", status=Status.FAILED) for _n in range(2)]

        def work(row: OutboxMessage) -> str:
            try:
                outbox.resend(row.pk, by=None, at=NOW)
            except outbox.DomainError:
                return "refused"
            return "queued"

        with beside() as start:
            answers = sorted(future.result(PATIENCE) for future in [start(work, row) for row in rows])
        assert answers == ["queued", "refused"]
