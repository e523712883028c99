"""Delivering the outbox to a real mail server, or into files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from medcover.system.models import SiteSettings
from notifications import delivery, jobs, mailers, registry, services
from notifications.delivery import Outcome, drain
from notifications.models import OutboxMessage
from notifications.tests.factories import MessageFactory, message_to
from notifications.tests.smtp import USER, MailServer, certificate
from roster.tests.factories import make_member

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 5, 5, 12, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=1)
Status = OutboxMessage.Status


def drain_at(moment: datetime) -> Outcome:
    return drain(clock=lambda: moment)


def statuses() -> list[str]:
    return list(OutboxMessage.objects.order_by("created_at").values_list("status", flat=True))


class TestToAMailServer:
    def test_a_message_arrives_whole_and_is_marked_sent(self, mail_server):
        row = message_to(make_member(name="Čermák Jiří"), payload={"title": "Žádost"}, instance_name="zkouska")
        assert drain_at(NOW) is Outcome.NOTHING_LEFT
        row.refresh_from_db()
        assert (row.status, row.sent_at, row.last_error) == (Status.SENT, NOW, "")
        (mail,) = mail_server.messages
        assert mail.recipients == [row.to_email]
        assert mail.subject == row.subject == "[cs] Žádost"
        assert mail.message["X-MedCover-Instance"] == "zkouska"
        assert mail.message["Auto-Submitted"] == "auto-generated"
        assert mail.message.get_content_type() == "multipart/alternative"
        assert "Čermák Jiří" in mail.text
        assert "Čermák Jiří" in mail.html

    def test_an_address_without_an_account_is_greeted_without_a_name(self, mail_server):
        MessageFactory()
        drain_at(NOW)
        assert "None" not in mail_server.messages[0].text + mail_server.messages[0].html

    def test_with_login(self, db):
        with MailServer(with_login=True) as server:
            server.configure_site()
            MessageFactory()
            drain_at(NOW)
            assert len(server.messages) == 1
            assert server.messages[0].sender == USER

    @pytest.mark.parametrize("starttls", [True, False])
    def test_encrypted_from_the_start_or_by_starttls(self, db, monkeypatch, tmp_path, starttls):
        trusted, context = certificate(tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        with MailServer(**{"starttls" if starttls else "tls": context}, with_login=True) as server:
            server.configure_site(smtp_use_tls=True)
            if not starttls:
                monkeypatch.setattr(mailers, "IMPLICIT_TLS_PORT", server.port)
            MessageFactory()
            drain_at(NOW)
            assert len(server.messages) == 1

    @pytest.mark.logs_errors  # the server complains, too
    def test_an_unknown_certificate_is_not_trusted(self, db, tmp_path):
        _trusted, context = certificate(tmp_path)
        with MailServer(starttls=context) as server:
            server.configure_site()
            MessageFactory()
            assert drain_at(NOW) is Outcome.NO_WAY_OUT
            assert server.messages == []

    @pytest.mark.parametrize(
        ("port", "wanted", "implicit", "starttls"),
        [(465, True, True, False), (465, False, True, False), (587, True, False, True), (25, False, False, False)],
    )
    def test_the_port_decides_how_the_connection_is_encrypted(self, port, wanted, implicit, starttls):
        backend = mailers._smtp(SiteSettings(smtp_host="mail.example", smtp_port=port, smtp_use_tls=wanted))
        assert isinstance(backend, EmailBackend)
        assert (backend.use_ssl, backend.use_tls) == (implicit, starttls)

    def test_the_sender_is_the_configured_one_else_a_login_that_is_an_address(self, mail_server):
        for fields in (
            {"smtp_sender": "ČČK Praha <dozory@example.org>"},
            {"smtp_sender": "", "smtp_user": "", "smtp_password": ""},
        ):
            mail_server.configure_site(**fields)
            MessageFactory()
            drain_at(NOW)
        first, second = mail_server.messages
        assert first.sender == "dozory@example.org"
        assert str(first.message["From"]) == "ČČK Praha <dozory@example.org>"
        assert second.sender == settings.DEFAULT_FROM_EMAIL

    def test_one_connection_serves_a_whole_drain(self, mail_server):
        MessageFactory.create_batch(5)
        drain_at(NOW)
        assert (len(mail_server.messages), mail_server.connections) == (5, 1)

    def test_settings_are_read_anew_by_each_drain(self, mail_server):
        MessageFactory()
        drain_at(NOW)
        with MailServer() as other:
            other.configure_site()
            MessageFactory()
            drain_at(NOW)
            assert (len(mail_server.messages), len(other.messages)) == (1, 1)

    def test_the_message_id_names_the_installation(self, mail_server):
        row = MessageFactory()
        drain_at(NOW)
        assert mail_server.messages[0].id == f"<{row.pk}@testserver>"


class TestHeaders:
    @pytest.mark.parametrize("title", ["Ples\nBcc: vsichni@example.org", "Ples\r\nX-Evil: 1\r\n\r\n<b>tělo</b>"])
    def test_no_text_can_smuggle_one_in(self, mail_server, title):
        message_to(make_member(), payload={"title": title})
        drain_at(NOW)
        (mail,) = mail_server.messages
        assert len(mail.recipients) == 1
        assert mail.message["Bcc"] is None
        assert mail.message["X-Evil"] is None
        assert "tělo" not in mail.text

    def test_a_long_subject_is_cut(self, mail_server):
        message_to(make_member(), payload={"title": "ž" * 400})
        drain_at(NOW)
        assert len(mail_server.messages[0].subject) == 255


class TestTheReader:
    def test_the_language_and_the_site_zone_rule_the_mail(self, mail_server):
        SiteSettings.objects.update(time_zone="America/New_York")
        for language in ("cs", "en"):
            message_to(make_member(language=language), code="surroundings", payload={"title": "X"})
        drain_at(NOW)
        shown = [(mail.subject, mail.text.splitlines()[0]) for mail in mail_server.messages]
        assert shown == [("[cs] X", "cs America/New_York"), ("[en] X", "en America/New_York")]
        assert 'lang="en"' in mail_server.messages[1].html

    def test_the_language_chosen_last_counts(self, mail_server):
        person = make_member(language="cs")
        row = message_to(person)
        person.language = "en"
        person.save()
        drain_at(NOW)
        row.refresh_from_db()
        assert mail_server.messages[0].subject == row.subject == "[en] Zpráva"

    def test_somebody_deactivated_meanwhile_gets_only_what_is_for_inactive_people_too(self, mail_server):
        person = make_member()
        row, account = message_to(person), message_to(person, code="to_inactive")
        person.is_active = False
        person.save()
        drain_at(NOW)
        row.refresh_from_db()
        assert row.status == Status.SKIPPED
        assert [mail.id for mail in mail_server.messages] == [f"<{account.pk}@testserver>"]

    def test_a_message_without_a_point_is_skipped(self, mail_server):
        row = MessageFactory(code="pointless")
        drain_at(NOW)
        row.refresh_from_db()
        assert (row.status, mail_server.messages) == (Status.SKIPPED, [])


class TestOrder:
    def test_account_mail_first_then_by_age(self, mail_server):
        first, second = MessageFactory(), MessageFactory()
        account = MessageFactory(code="account", priority=registry.get("account").priority)
        drain_at(NOW)
        order = [mail.id.strip("<>").partition("@")[0] for mail in mail_server.messages]
        assert order == [str(row.pk) for row in (account, first, second)]

    def test_nothing_leaves_before_its_time(self, mail_server):
        MessageFactory(send_after=NOW + timedelta(seconds=1))
        drain_at(NOW)
        assert mail_server.messages == []
        drain_at(NOW + timedelta(seconds=1))
        assert len(mail_server.messages) == 1

    @pytest.mark.parametrize("status", [Status.SENT, Status.FAILED, Status.SKIPPED])
    def test_what_is_done_is_not_touched_again(self, mail_server, status):
        MessageFactory(status=status, sent_at=NOW, claimed_at=LONG_AGO)
        drain_at(NOW)
        assert mail_server.messages == []

    def test_a_message_costs_the_same_queries_whatever_else_is_in_the_outbox(self, mail_server):
        def queries() -> int:
            MessageFactory()
            with CaptureQueriesContext(connection) as captured:
                drain_at(NOW)
            return len(captured)

        alone = queries()
        MessageFactory.create_batch(30, status=Status.SENT, sent_at=NOW)
        assert queries() == alone <= 21


class TestIntoFiles:
    """Where no server is named."""

    def files(self) -> list[Path]:
        return sorted(Path(settings.MAIL_DIR).iterdir())

    def test_each_mail_is_a_file_in_a_directory_made_for_it(self):
        rows = MessageFactory.create_batch(3)
        drain_at(NOW)
        assert [path.name for path in self.files()] == sorted(f"{row.pk}.eml" for row in rows)
        assert statuses() == [Status.SENT] * 3

    def test_a_file_holds_the_mail(self):
        row = message_to(make_member(), payload={"title": "Žluťoučký kůň"})
        drain_at(NOW)
        mail = message_from_bytes(self.files()[0].read_bytes(), policy=policy.default)
        assert (mail["To"], mail["Subject"]) == (row.to_email, "[cs] Žluťoučký kůň")

    def test_sent_again_it_lands_in_the_same_file(self):
        row = MessageFactory()
        drain_at(NOW)
        OutboxMessage.objects.update(status=Status.SENDING)
        drain_at(NOW)
        assert [path.name for path in self.files()] == [f"{row.pk}.eml"]

    def test_a_directory_that_cannot_be_made_is_no_way_out(self, tmp_path, settings):
        (tmp_path / "file").touch()
        settings.MAIL_DIR = tmp_path / "file" / "mail"
        MessageFactory()
        assert drain_at(NOW) is Outcome.NO_WAY_OUT
        assert statuses() == [Status.PENDING]


class TestTakingOver:
    def test_a_message_left_by_a_dead_worker_is_taken_up_by_the_next_drain(self, mail_server):
        MessageFactory(status=Status.SENDING, claimed_at=NOW - timedelta(seconds=1))
        drain_at(NOW)
        assert statuses() == [Status.SENT]

    def test_a_clock_that_was_ahead_when_it_was_claimed_does_not_matter(self, mail_server):
        MessageFactory(status=Status.SENDING, claimed_at=NOW + timedelta(days=400))
        drain_at(NOW)
        assert statuses() == [Status.SENT]

    def test_a_message_another_worker_is_sending_is_left_to_it(self, mail_server):
        row = MessageFactory(status=Status.SENDING, claimed_at=LONG_AGO)
        other = connections.create_connection("default")
        try:
            other.set_autocommit(False)
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"outbox:{row.mail_id}"])
            assert drain_at(NOW) is Outcome.NOTHING_LEFT
        finally:
            other.close()
        assert mail_server.messages == []
        drain_at(NOW + timedelta(minutes=1))
        assert len(mail_server.messages) == 1

    def test_a_message_another_worker_finished_between_our_claim_and_our_lock_is_not_repeated(
        self, mail_server, monkeypatch
    ):
        claim = delivery.claim

        def claim_and_be_overtaken(at: datetime, *, most: int, channel: str) -> object:
            keys = claim(at, most=most, channel=channel)
            OutboxMessage.objects.filter(mail_id__in=keys).update(status=Status.SENT, sent_at=NOW)
            return keys

        monkeypatch.setattr(delivery, "claim", claim_and_be_overtaken)
        MessageFactory()
        drain_at(NOW)
        assert mail_server.messages == []
        assert statuses() == [Status.SENT]


class TestBudget:
    def test_a_long_drain_ends_itself_and_asks_to_go_on(self, mail_server, monkeypatch):
        ticks = (NOW + timedelta(seconds=20 * n) for n in range(100))
        MessageFactory.create_batch(5)
        assert drain(clock=lambda: next(ticks)) is Outcome.OUT_OF_TIME
        assert 0 < len(mail_server.messages) < 5
        woken = []
        monkeypatch.setattr(services, "wake_worker", lambda: woken.append(True))
        monkeypatch.setattr(delivery, "drain", lambda: Outcome.OUT_OF_TIME)
        assert jobs.drain() == "OUT_OF_TIME"
        monkeypatch.setattr(delivery, "drain", lambda: Outcome.NO_WAY_OUT)
        jobs.drain()
        assert woken == [True]

    def test_the_queues_own_limit_leaves_time_to_finish_the_mail_in_hand(self):
        conversation = 5 * timedelta(seconds=mailers.SMTP_TIMEOUT)
        assert delivery.BUDGET + conversation < timedelta(seconds=settings.Q_CLUSTER["timeout"])
