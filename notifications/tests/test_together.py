"""Several announcements of one service, written at its end."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications import services as outbox
from notifications.models import NotificationSwitch, OptOut, OutboxMessage
from notifications.tests.factories import message_to
from roster.models import User
from roster.tests.factories import UserFactory, make_member, make_viewer

pytestmark = pytest.mark.django_db


def announce(code: str, *people: User, topic: str = "thing:1", **payload: object) -> None:
    outbox.announce(code, recipients=[person.pk for person in people], topic=topic, payload=payload)


def queued() -> set[tuple[str, User]]:
    return {(row.code, row.recipient) for row in OutboxMessage.objects.select_related("recipient")}


def test_nothing_is_written_before_the_end():
    person = make_member()
    with outbox.together():
        announce("plain", person)
        assert not OutboxMessage.objects.exists()
    assert queued() == {("plain", person)}


def test_outside_it_is_written_at_once():
    announce("plain", make_member())
    assert OutboxMessage.objects.count() == 1


def test_many_take_no_more_statements_than_one():
    people = UserFactory.create_batch(3)

    def statements(*codes: str) -> int:
        with CaptureQueriesContext(connection) as seen, outbox.together():
            for code in codes:
                announce(code, *people, topic=f"thing:{len(codes)}", number=1)
        return len(seen)

    assert statements("plain", "members", "sum", "other") == statements("plain") <= 5
    assert OutboxMessage.objects.count() == 15


def test_each_keeps_its_own_recipients_roles_and_wishes():
    member, viewer, declining = make_member(), make_viewer(), make_member()
    OptOut.objects.create(person=declining, code="plain")
    NotificationSwitch.objects.create(code="other", enabled=False)
    with outbox.together():
        announce("plain", member, declining)
        announce("members", member, viewer, declining)
        announce("other", member, viewer)
        announce("sum", viewer, number=1)
    assert queued() == {("plain", member), ("members", member), ("members", declining), ("sum", viewer)}


def test_who_is_concerned_is_decided_when_it_is_announced():
    before = make_member()
    with outbox.together():
        outbox.announce("plain", recipients=User.objects.values_list("pk", flat=True))
        make_member()
    assert queued() == {("plain", before)}


def test_two_of_a_kind_merge_with_each_other():
    person = make_member()
    with outbox.together():
        announce("sum", person, number=1)
        announce("sum", person, number=2)
    assert OutboxMessage.objects.get().payload["number"] == 3


def test_and_with_what_waits_already():
    person, other = make_member(), make_member()
    waiting = message_to(person, code="sum", topic="thing:1", payload={"number": 4})
    untouched = message_to(other, code="sum", topic="thing:1", payload={"number": 9})
    with outbox.together():
        announce("sum", person, number=1)
        announce("plain", other)
        announce("sum", person, number=2)
    assert OutboxMessage.objects.get(pk=waiting.pk).payload["number"] == 7
    assert OutboxMessage.objects.get(pk=untouched.pk).payload["number"] == 9
    assert OutboxMessage.objects.count() == 3


def test_what_cancels_out_is_not_told_and_what_follows_begins_anew():
    stored, fresh = make_member(), make_member()
    message_to(stored, code="sum", topic="thing:1", payload={"number": 1})
    with outbox.together():
        announce("sum", stored, number=-1)
        announce("sum", fresh, number=1)
        announce("sum", fresh, number=-1)
    assert not OutboxMessage.objects.exists()
    with outbox.together():
        for number in (1, -1, 5):
            announce("sum", fresh, number=number)
    assert OutboxMessage.objects.get().payload["number"] == 5


def test_without_a_topic_each_is_a_message():
    with outbox.together():
        for _number in range(2):
            announce("plain", person := make_member(), topic="")
            announce("plain", person, topic="")
    assert OutboxMessage.objects.count() == 4


def test_the_outermost_writes():
    person = make_member()
    with outbox.together():
        with outbox.together():
            announce("plain", person)
        assert not OutboxMessage.objects.exists()
    assert OutboxMessage.objects.count() == 1


def test_what_fails_inside_tells_nothing():
    person = make_member()
    with outbox.together():
        announce("plain", person)
        with suppress(RuntimeError), transaction.atomic(), outbox.together():
            announce("other", person)
            raise RuntimeError
    assert queued() == {("plain", person)}


def test_whether_somebody_receives_a_type():
    member, viewer, declining = make_member(), make_viewer(), make_member()
    OptOut.objects.create(person=declining, code="members")
    assert [outbox.receives(person.pk, "members") for person in (member, viewer, declining)] == [True, False, False]


class TestTheWorker:
    def test_is_woken_once_however_much_there_is_to_tell(self, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks() as callbacks:
            for _number in range(3):
                announce("plain", make_member())
        assert callbacks == [outbox.wake_worker]

    def test_is_woken_where_the_first_to_ask_was_undone(self, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks() as callbacks:
            with suppress(RuntimeError), transaction.atomic():
                announce("plain", make_member())
                raise RuntimeError
            announce("plain", make_member())
        assert callbacks == [outbox.wake_worker]

    def test_is_woken_where_the_second_to_ask_is_undone(self, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks() as callbacks:
            announce("plain", make_member())
            with suppress(RuntimeError), transaction.atomic():
                announce("plain", make_member())
                raise RuntimeError
        assert callbacks == [outbox.wake_worker]


def test_news_that_wait_for_more_wake_nobody(django_capture_on_commit_callbacks):
    person, soon = make_member(), timezone.now() + timedelta(days=2)
    with django_capture_on_commit_callbacks() as callbacks:
        outbox.announce("in_batch", recipients=[person.pk], topic="thing:1", payload={"number": 1}, about=soon)
    assert callbacks == []
    with django_capture_on_commit_callbacks() as callbacks:
        outbox.announce("in_batch_at_once", recipients=[person.pk], topic="thing:1", payload={"number": 1}, about=soon)
    assert callbacks == [outbox.wake_worker]
