"""The development block: queued mails that stay in the house."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from medcover.system.models import SiteSettings
from medcover.system.services import save_settings
from notifications import delivery, services
from notifications.delivery import Outcome, drain
from notifications.models import OutboxMessage
from notifications.rules import Priority
from notifications.tests.factories import MessageFactory, message_to
from notifications.trial import send_trial
from roster.services import passwords
from roster.tests.factories import make_admin, make_member

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 5, 5, 12, 0, tzinfo=UTC)
Status = OutboxMessage.Status


def block(allowed: str = "") -> None:
    save_settings(by=None, mail_block=True, mail_block_allowed=allowed)


def drain_now() -> Outcome:
    return drain(clock=lambda: NOW)


class TestTheBlock:
    def test_skips_with_a_reason_and_does_not_try_again(self, mail_server):
        row = MessageFactory(to_email="petr@example.org")
        block("eva@example.org")
        assert drain_now() is Outcome.NOTHING_LEFT
        row.refresh_from_db()
        assert (row.status, row.attempts, row.sent_at, row.send_after) == (Status.SKIPPED, 0, None, None)
        assert row.last_error
        drain_now()
        assert mail_server.messages == []

    def test_an_empty_list_lets_nothing_through(self, mail_server):
        block()
        MessageFactory.create_batch(3)
        drain_now()
        assert mail_server.messages == []
        assert set(OutboxMessage.objects.values_list("status", flat=True)) == {Status.SKIPPED}

    def test_addresses_of_the_list_pass_whatever_their_case(self, mail_server):
        block(" Eva@Example.ORG ,, jan@example.org ")
        for address in ("eva@example.org", "JAN@example.org", "xeva@example.org", "eva@example.org.evil.cz"):
            MessageFactory(to_email=address)
        drain_now()
        assert sorted(mail.recipients[0].lower() for mail in mail_server.messages) == [
            "eva@example.org", "jan@example.org",
        ]  # fmt: skip

    def test_mails_about_accounts_are_no_exception(self, mail_server):
        person = make_member()
        passwords.request_reset(person.email)
        message_to(make_member(), code="account", priority=Priority.AUTH)
        block()
        drain_now()
        assert mail_server.messages == []
        assert OutboxMessage.objects.filter(status=Status.SKIPPED).count() == 2

    def test_switched_off_the_list_means_nothing(self, mail_server):
        save_settings(by=None, mail_block=False, mail_block_allowed="eva@example.org")
        MessageFactory()
        drain_now()
        assert len(mail_server.messages) == 1

    def test_takes_effect_with_the_next_message(self, mail_server, monkeypatch):
        """Somebody switches it on in the middle of a long drain."""
        MessageFactory.create_batch(3)
        send = delivery.Mailer.send

        def send_and_block(mailer, mail):
            send(mailer, mail)
            block()

        monkeypatch.setattr(delivery.Mailer, "send", send_and_block)
        drain_now()
        assert len(mail_server.messages) == 1

    def test_holds_for_files_too(self, tmp_path):
        block()
        MessageFactory()
        drain_now()
        assert list(tmp_path.rglob("*.eml")) == []

    def test_a_skipped_message_can_be_sent_once_the_block_is_gone(self, mail_server):
        row = MessageFactory()
        block()
        drain_now()
        save_settings(by=None, mail_block=False)
        services.resend(row.pk, by=None, at=NOW)
        drain_now()
        assert len(mail_server.messages) == 1

    def test_a_trial_mail_goes_out_all_the_same(self, mail_server):
        block()
        admin = make_admin()
        assert send_trial(by=admin) == admin.email
        assert len(mail_server.messages) == 1

    def test_costs_no_query_that_grows(self, mail_server, django_assert_max_num_queries):
        block(", ".join(f"a{number}@example.org" for number in range(200)))
        MessageFactory()
        with django_assert_max_num_queries(19):
            drain_now()


def test_the_list_may_be_long_and_untidy():
    block("A@example.org;\n b@example.org\r\n, a@EXAMPLE.org,\u200b")
    assert SiteSettings.load().mail_block_allowed == "a@example.org, b@example.org"
