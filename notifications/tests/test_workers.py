"""Workers that die, and workers side by side: no message lost, none sent twice that was marked sent."""

from __future__ import annotations

import os
import signal
from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from events.models import Event
from events.rules.lifecycle import Status as EventStatus
from events.tests.factories import EventFactory, PositionFactory
from medcover.system import jobs
from medcover.system.models import Heartbeat, SiteSettings
from notifications import services as outbox
from notifications.delivery import drain
from notifications.models import OutboxMessage
from notifications.tests.factories import MessageFactory
from notifications.tests.processes import kill, worker
from notifications.tests.smtp import PATIENCE, MailServer, wait_until
from notifications.tests.threads import wait_until_nobody_sends
from roster.tests.factories import make_coordinator, make_member

pytestmark = pytest.mark.django_db(transaction=True)

Status = OutboxMessage.Status


def by_status(status: str) -> set[str]:
    return {f"<{row.pk}@testserver>" for row in OutboxMessage.objects.filter(status=status)}


def _everybody_noticed(mail_server: MailServer) -> None:
    """Server and database know that the worker is dead; only then may the server let go of the message."""
    mail_server.wait_until_alone()
    wait_until_nobody_sends()
    mail_server.release()


def test_a_worker_killed_in_the_middle_of_a_message_loses_nothing_and_repeats_nothing(mail_server):
    MessageFactory.create_batch(6)
    mail_server.hold(after=3)
    with worker("drain") as process:
        mail_server.wait_until_holding()
        kill(process)
    _everybody_noticed(mail_server)
    sent, sending, waiting = (by_status(status) for status in (Status.SENT, Status.SENDING, Status.PENDING))
    assert (len(sent), len(sending), len(waiting)) == (3, 1, 2)
    assert {mail.id for mail in mail_server.messages} == sent
    drain()
    assert Counter(mail.id for mail in mail_server.messages) == dict.fromkeys(sent | sending | waiting, 1)
    assert by_status(Status.SENT) == sent | sending | waiting


def test_a_worker_killed_again_and_again_loses_nothing_and_repeats_nothing_it_had_recorded(mail_server):
    """KILLS and MESSAGES make it longer than the suite has time for."""
    kills, count = int(os.environ.get("KILLS", "3")), int(os.environ.get("MESSAGES", "60"))
    MessageFactory.create_batch(count)
    recorded: Counter[str] = Counter()
    for number in range(kills):
        arrived = len(mail_server.messages)
        with worker("drain") as process:
            # Somewhere in the middle of the work, and each time somewhere else.
            enough = arrived + count // (kills + 1) + number % 3 - 1
            wait_until(lambda: len(mail_server.messages) >= enough or process.poll() is not None)  # noqa: B023
            kill(process)
        mail_server.wait_until_alone()
        wait_until_nobody_sends()
        deliveries = Counter(mail.id for mail in mail_server.messages)
        recorded |= Counter({key: deliveries[key] for key in by_status(Status.SENT) if key not in recorded})
    drain()
    deliveries = Counter(mail.id for mail in mail_server.messages)
    assert by_status(Status.SENT) == set(deliveries)
    assert len(deliveries) == count
    assert {key: deliveries[key] for key in recorded} == dict(recorded), "sent again after it was recorded"
    assert sum(deliveries.values()) <= count + kills, "a kill repeats one mail at most"


def test_two_workers_at_once_send_each_message_once(mail_server):
    MessageFactory.create_batch(40)
    mail_server.hold()
    with worker("drain") as first, worker("drain") as second:
        mail_server.wait_until_connected(2)
        mail_server.release()
        answers = {process.communicate(timeout=PATIENCE)[0].splitlines()[-1] for process in (first, second)}
    assert answers == {"NOTHING_LEFT"}
    assert mail_server.connections == 2
    assert Counter(mail.id for mail in mail_server.messages) == dict.fromkeys(by_status(Status.SENT), 1)
    assert len(mail_server.messages) == 40


class TestTheRealWorker:
    @pytest.fixture(autouse=True)
    def _quiet_queue(self) -> None:
        OrmQ.objects.all().delete()
        Schedule.objects.update(next_run=timezone.now() + timedelta(hours=1))

    def test_opens_what_is_due_and_its_mails_leave(self, mail_server):
        soon = timezone.now() + timedelta(days=3)
        event = EventFactory(
            status=EventStatus.PUBLISHED, start=soon, end=soon + timedelta(hours=4), signups_open_at=timezone.now()
        )
        PositionFactory(event=event)
        people = {make_member().email, make_coordinator().email}
        SiteSettings.objects.update(notify_delay_1_7_days_min=0)
        jobs.synchronise()
        Schedule.objects.update(next_run=timezone.now() - timedelta(minutes=1))
        with worker("cluster"):
            wait_until(lambda: OutboxMessage.objects.count() == len(people))
            outbox.wake_worker()  # as the minute's sweep does, for which no test should wait
            wait_until(lambda: len(mail_server.messages) == len(people))
        assert {address for mail in mail_server.messages for address in mail.recipients} == people
        assert all(event.name in mail.subject for mail in mail_server.messages)
        assert Event.objects.get().status == EventStatus.OPEN
        assert Heartbeat.objects.filter(name="worker").exists()

    def test_delivers_right_after_the_commit_without_waiting_for_a_sweep(self, mail_server):
        person = make_member()
        with worker("cluster"):
            with transaction.atomic():
                outbox.enqueue("plain", recipients=[person.pk])
            wait_until(lambda: len(mail_server.messages) == 1)

    def test_asked_to_end_it_finishes_the_message_in_hand(self, mail_server):
        mail_server.hold()
        outbox.enqueue("plain", recipients=[make_member().pk])
        with worker("cluster") as process:
            mail_server.wait_until_holding()
            process.send_signal(signal.SIGTERM)
            mail_server.release()
            assert process.wait(PATIENCE) == 0
        assert len(mail_server.messages) == 1
        assert OutboxMessage.objects.get().status == Status.SENT

    def test_killed_as_a_whole_it_leaves_its_message_to_the_next_one(self, mail_server):
        mail_server.hold()
        outbox.enqueue("plain", recipients=[make_member().pk])
        with worker("cluster") as process:
            mail_server.wait_until_holding()
            kill(process)
        _everybody_noticed(mail_server)
        assert OutboxMessage.objects.get().status == Status.SENDING
        jobs.synchronise()
        Schedule.objects.update(next_run=timezone.now() - timedelta(minutes=1))
        with worker("cluster"):
            wait_until(lambda: OutboxMessage.objects.get().status == Status.SENT)
        assert len(mail_server.messages) == 1
