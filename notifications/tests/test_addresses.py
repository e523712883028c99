"""Writing to whoever has no account, and to whoever may not log in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django_q.models import OrmQ

from notifications import services as outbox
from notifications.delivery import drain
from notifications.models import OutboxMessage
from notifications.rules import Priority
from roster.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 5, 5, 12, 0, tzinfo=UTC)
ADDRESS = "jana@example.org"


class TestAnAddressWithoutAnAccount:
    def test_gets_a_message_in_the_language_of_the_site_with_the_right_of_way(self):
        message = outbox.enqueue_to(ADDRESS, "account", topic="thing:1", payload={"title": "Vítejte"})
        message.refresh_from_db()
        assert (message.to_email, message.recipient, message.topic) == (ADDRESS, None, "thing:1")
        assert (message.subject, message.payload) == ("[cs] Vítejte", {"title": "Vítejte"})
        assert message.priority == Priority.AUTH

    def test_each_call_is_a_message_of_its_own(self):
        first, second = (outbox.enqueue_to(ADDRESS, "account", topic="thing:1") for _n in range(2))
        assert first.pk != second.pk

    def test_a_title_with_line_breaks_smuggles_no_header_in(self):
        message = outbox.enqueue_to(ADDRESS, "account", payload={"title": "Ahoj\r\nBcc: x@example.org"})
        assert message.subject == "[cs] Ahoj Bcc: x@example.org"

    def test_only_types_that_are_always_sent_will_do(self):
        with pytest.raises(ValueError, match="plain"):
            outbox.enqueue_to(ADDRESS, "plain")
        assert not OutboxMessage.objects.exists()

    def test_wakes_the_worker_after_the_commit(self, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            outbox.enqueue_to(ADDRESS, "account")
        assert OrmQ.objects.count() == 1

    def test_the_mail_arrives(self, mail_server):
        outbox.enqueue_to(ADDRESS, "account")
        drain(clock=lambda: NOW)
        (mail,) = mail_server.messages
        assert mail.recipients == [ADDRESS]


class TestPeopleWhoMayNotLogIn:
    def test_are_told_what_is_for_them_too(self):
        person = UserFactory(is_active=False)
        assert outbox.enqueue("to_inactive", recipients=[person.pk], topic="account") == 1
        assert outbox.enqueue("account", recipients=[person.pk], topic="account") == 0

    def test_one_message_waits_at_a_time(self):
        person = UserFactory(is_active=False)
        for _n in range(3):
            outbox.enqueue("to_inactive", recipients=[person.pk], topic="account")
        assert OutboxMessage.objects.get().recipient == person
