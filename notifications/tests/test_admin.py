"""The outbox and the switches in the backoffice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from medcover.backoffice.tests.pages import browser, inline_parts, queries_of, rows_of, text_of, told
from medcover.system.models import AuditEntry
from notifications.models import NotificationSwitch, OutboxMessage
from notifications.rules import Priority
from notifications.tests.factories import MessageFactory, message_to
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db

Status = OutboxMessage.Status
LIST = reverse("admin:notifications_outboxmessage_changelist")
SWITCHES = reverse("admin:notifications_notificationswitch_changelist")
RESEND_MANY = reverse("admin:notifications_outboxmessage_bulk", args=["resend"])


@pytest.fixture
def admin():
    return make_admin(language="en")


@pytest.fixture
def client(admin):
    return browser(admin)


def page_of(message: OutboxMessage) -> str:
    return reverse("admin:notifications_outboxmessage_change", args=[message.pk])


def resend(message: OutboxMessage) -> str:
    return reverse("admin:notifications_outboxmessage_step", args=[message.pk, "resend"])


def failed(**fields) -> OutboxMessage:
    fields = {"status": Status.FAILED, "attempts": 6, "last_error": "ConnectionRefusedError: " + "x" * 200, **fields}
    return MessageFactory(**fields)


class TestOutbox:
    def test_lists_newest_first(self, client):
        old, new = MessageFactory(subject="Stará"), MessageFactory(subject="Nová")
        OutboxMessage.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=1))
        assert rows_of(client.get(LIST)) == [str(new), str(old)]

    def test_is_filtered_by_status_and_type(self, client):
        MessageFactory(), MessageFactory(code="other"), failed(subject="Nedoručená", code="other")
        assert len(rows_of(client.get(LIST, {"status__exact": "failed"}))) == 1
        assert len(rows_of(client.get(LIST, {"type": "other"}))) == 2

    @pytest.mark.parametrize("words", ["dvorak", "PETR@", "půlmar", "zdržení dvořák"])
    def test_is_searched_by_person_address_and_subject(self, client, words):
        MessageFactory()
        message_to(make_member(name="Dvořák Petr", email="petr@example.org"), subject="Půlmaraton – zdržení")
        assert len(rows_of(client.get(LIST, {"q": words}))) == 1

    def test_errors_are_cut_short(self, client):
        failed()
        text = text_of(client.get(LIST))
        assert "ConnectionRefusedError" in text
        assert "x" * 100 not in text

    def test_costs_no_more_for_more_messages(self, client):
        message_to(make_member())
        few = queries_of(client, LIST)
        for _ in range(20):
            message_to(make_member())
        assert queries_of(client, LIST) <= few <= 10

    def test_shows_the_text_of_the_mail(self, client):
        message = message_to(make_member(), code="surroundings")
        answer = client.get(page_of(message))
        assert "Europe/Prague" in answer.context["preview"]
        assert not inline_parts(answer)
        assert OutboxMessage.objects.get(pk=message.pk).subject == message.subject

    @pytest.mark.parametrize(
        ("code", "said"),
        [
            ("no_template", "TemplateDoesNotExist"),
            ("failing_query", "DataError"),
            ("pointless", "lost its point"),
            ("of_a_former_version", "KeyError"),
        ],
    )
    def test_says_why_there_is_no_text(self, client, code, said):
        assert said in client.get(page_of(MessageFactory(code=code))).context["preview"]

    def test_keeps_links_of_account_mails_to_itself(self, client):
        message = MessageFactory(code="account", priority=Priority.AUTH)
        assert "only its recipient" in client.get(page_of(message)).context["preview"]

    def test_nothing_is_typed_added_or_deleted(self, client):
        message = MessageFactory()
        assert client.post(page_of(message), {"subject": "Jiný"}).status_code == 403
        assert client.get(reverse("admin:notifications_outboxmessage_add")).status_code == 403
        url = reverse("admin:notifications_outboxmessage_delete", args=[message.pk])
        assert client.post(url).status_code == 403

    def test_is_for_administrators(self):
        client, message = browser(make_coordinator()), failed()
        posts = [resend(message), RESEND_MANY]
        assert [client.get(url).status_code for url in (LIST, page_of(message), SWITCHES)] == [403, 403, 403]
        assert [client.post(url, {"ids": str(message.pk)}).status_code for url in posts] == [403, 403]
        assert OutboxMessage.objects.get(pk=message.pk).status == Status.FAILED

    def test_keeps_the_content_security_policy(self, client):
        failed()
        assert inline_parts(client.get(LIST)) == []


class TestSendingAgain:
    def test_queues_a_failed_message_and_records_it(self, client, admin):
        message = failed()
        client.post(resend(message))
        message.refresh_from_db()
        assert (message.status, message.attempts, message.last_error) == (Status.PENDING, 0, "")
        assert AuditEntry.objects.filter(kind="resend", actor=admin, object_pk=str(message.pk)).exists()

    def test_is_offered_for_failed_and_skipped_only(self, client):
        offers = {
            status: len(client.get(page_of(MessageFactory(status=status, sent_at=timezone.now()))).context["buttons"])
            for status in Status.values
        }
        assert [status for status, count in offers.items() if count] == ["failed", "skipped"]

    def test_in_bulk_says_what_was_left_alone_and_why(self, client):
        first, second, waiting = failed(), failed(status=Status.SKIPPED), MessageFactory(subject="Čekající")
        ids = ",".join(str(message.pk) for message in (first, second, waiting))
        (message,) = told(client.post(RESEND_MANY, {"ids": ids}))
        assert message.startswith("2 messages queued again. 1 was skipped:")
        assert "Čekající" in message
        assert OutboxMessage.objects.pending().count() == 3


class TestSwitches:
    def test_show_the_whole_catalogue(self, client):
        NotificationSwitch.objects.create(code="other", enabled=False)
        rows = {row["notice"].code: row for row in client.get(SWITCHES).context["types"]}
        assert rows["plain"]["enabled"]
        assert not rows["other"]["enabled"]
        assert rows["account"]["enabled"]
        assert 'id="on-account"' not in text_of(client.get(SWITCHES))

    def test_write_only_what_was_changed_on_the_page(self, client, admin):
        NotificationSwitch.objects.create(code="other", enabled=False)
        answer = client.post(SWITCHES, {"shown": ["plain", "sum"], "on": ["sum", "account"]})
        assert "1 notification switched" in told(answer)[0]
        assert dict(NotificationSwitch.objects.values_list("code", "enabled")) == {"other": False, "plain": False}
        assert AuditEntry.objects.filter(actor=admin, object_pk="plain").exists()

    def test_have_no_pages_of_their_own(self, client):
        NotificationSwitch.objects.create(code="other", enabled=False)
        answer = client.get(reverse("admin:notifications_notificationswitch_change", args=["other"]), follow=True)
        assert answer.redirect_chain[-1][0] == SWITCHES

    def test_keep_the_content_security_policy(self, client):
        assert inline_parts(client.get(SWITCHES)) == []
