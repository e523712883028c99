"""Deliveries that fail: what waits, what is given up, and that nothing stops the others."""

from __future__ import annotations

import logging
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from medcover.system.models import AuditEntry, SiteSettings
from notifications import delivery, services
from notifications.delivery import Outcome, drain
from notifications.models import OutboxMessage
from notifications.tests.factories import MessageFactory, message_to
from notifications.tests.smtp import PASSWORD, MailServer
from roster.tests.factories import make_admin, make_member

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 5, 5, 12, 0, tzinfo=UTC)
Status = OutboxMessage.Status


def drain_at(moment: datetime) -> Outcome:
    return drain(clock=lambda: moment)


def statuses() -> list[str]:
    return list(OutboxMessage.objects.order_by("created_at").values_list("status", flat=True))


class TestFailures:
    def test_waits_longer_each_time_then_gives_up_and_leaves_a_record(self, mail_server):
        row = MessageFactory(to_email="nikdo@example.org")
        mail_server.refused.add("nikdo@example.org")
        moment = NOW
        for attempt, minutes in enumerate([1, 5, 30, 120, 720], start=1):
            drain_at(moment)
            row.refresh_from_db()
            assert (row.status, row.attempts) == (Status.PENDING, attempt)
            assert row.send_after == moment + timedelta(minutes=minutes)
            assert "No such user" in row.last_error
            drain_at(row.send_after - timedelta(seconds=1))
            moment = row.send_after
        drain_at(moment)
        row.refresh_from_db()
        assert (row.status, row.attempts, row.sent_at) == (Status.FAILED, 6, None)
        entry = AuditEntry.objects.get(kind=AuditEntry.Kind.MAIL_FAILED)
        assert (entry.actor, entry.object_pk) == (None, str(row.pk))

    def test_a_failed_message_sent_again_by_hand_arrives(self, mail_server):
        row = MessageFactory(status=Status.FAILED, attempts=6)
        services.resend(row.pk, by=make_admin(), at=NOW)
        drain_at(NOW)
        assert len(mail_server.messages) == 1

    def test_greylisting_delays_and_keeps_the_message_id(self, mail_server):
        row = MessageFactory(to_email="pozdeji@example.org")
        mail_server.greylist("pozdeji@example.org")
        drain_at(NOW)
        drain_at(NOW + timedelta(minutes=1))
        row.refresh_from_db()
        assert (row.status, row.attempts, row.last_error) == (Status.SENT, 1, "")
        assert [mail.id for mail in mail_server.messages] == [f"<{row.pk}@testserver>"]

    def test_a_refused_address_does_not_stop_the_others(self, mail_server):
        bad, good = MessageFactory(to_email="nikdo@example.org"), MessageFactory()
        mail_server.refused.add("nikdo@example.org")
        drain_at(NOW)
        assert statuses() == [Status.PENDING, Status.SENT]
        assert (mail_server.to(bad.to_email), len(mail_server.to(good.to_email))) == ([], 1)

    def test_a_connection_that_breaks_is_opened_again(self, mail_server):
        MessageFactory()
        MessageFactory(to_email="zavesit@example.org")
        MessageFactory()
        mail_server.hung_up_on.add("zavesit@example.org")
        drain_at(NOW)
        assert statuses() == [Status.SENT, Status.PENDING, Status.SENT]
        assert mail_server.connections == 2

    @pytest.mark.parametrize("code", ["no_template", "failing_query", "no_such_type"])
    def test_a_broken_message_does_not_stop_the_others(self, mail_server, code):
        MessageFactory(code=code)
        MessageFactory()
        drain_at(NOW)
        assert statuses() == [Status.PENDING, Status.SENT]

    @pytest.mark.parametrize("address", ["", "dva@example.org\nBcc: tri@example.org"])
    def test_an_impossible_address_is_never_marked_sent(self, mail_server, address):
        MessageFactory(to_email=address)
        MessageFactory()
        drain_at(NOW)
        assert statuses() == [Status.PENDING, Status.SENT]
        assert len(mail_server.messages) == 1

    @pytest.mark.logs_errors
    def test_a_fate_that_cannot_be_written_down_does_not_stop_the_others(self, mail_server, monkeypatch):
        def fail(*_args: object) -> None:
            raise RuntimeError

        broken = MessageFactory(to_email="nikdo@example.org")
        mail_server.refused.add("nikdo@example.org")
        MessageFactory()
        monkeypatch.setattr(delivery, "_postpone", fail)
        assert drain_at(NOW) is Outcome.NOTHING_LEFT
        assert statuses() == [Status.SENDING, Status.SENT]
        monkeypatch.undo()
        drain_at(NOW + timedelta(minutes=1))
        broken.refresh_from_db()
        assert (broken.status, broken.attempts) == (Status.PENDING, 1)

    def test_the_log_names_nobody(self, mail_server, caplog):
        caplog.set_level(logging.DEBUG)
        message_to(make_member(name="Tajná Osoba", email="nikdo@example.org"), payload={"title": "Tajná akce"})
        mail_server.refused.add("nikdo@example.org")
        drain_at(NOW)
        ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("notifications"))
        assert "SMTPRecipientsRefused" in ours
        assert "nikdo" not in ours
        assert "Tajná" not in ours


class TestWithoutAWayOut:
    @pytest.fixture
    def _dead_server(self, db) -> None:
        with MailServer() as server:
            server.configure_site()

    @pytest.mark.usefixtures("_dead_server")
    def test_a_dead_server_costs_one_attempt_of_one_message(self):
        MessageFactory.create_batch(3)
        assert drain_at(NOW) is Outcome.NO_WAY_OUT
        assert list(OutboxMessage.objects.order_by("created_at").values_list("attempts", flat=True)) == [1, 0, 0]
        assert drain_at(NOW) is Outcome.NO_WAY_OUT
        assert statuses() == [Status.PENDING] * 3

    @pytest.mark.usefixtures("_dead_server")
    def test_nothing_is_lost_when_the_server_comes_back(self):
        MessageFactory.create_batch(3)
        drain_at(NOW)
        with MailServer() as server:
            server.configure_site()
            drain_at(NOW + timedelta(minutes=1))
            assert len(server.messages) == 3

    @pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
    def test_a_server_that_stops_answering_costs_one_attempt_of_one_message(self, mail_server, monkeypatch, stage):
        monkeypatch.setattr("notifications.mailers.SMTP_TIMEOUT", 0.2)
        MessageFactory.create_batch(3)
        mail_server.stall(stage)
        assert drain_at(NOW) is Outcome.NO_WAY_OUT
        assert list(OutboxMessage.objects.order_by("created_at").values_list("attempts", flat=True)) == [1, 0, 0]
        mail_server.stall("")
        drain_at(NOW + timedelta(minutes=1))
        assert statuses() == [Status.SENT] * 3

    def test_a_server_that_does_not_even_greet_costs_one_attempt_of_one_message(self, monkeypatch):
        monkeypatch.setattr("notifications.mailers.SMTP_TIMEOUT", 0.2)
        MessageFactory.create_batch(3)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            SiteSettings.load()
            SiteSettings.objects.update(smtp_host="127.0.0.1", smtp_port=silent.getsockname()[1], smtp_use_tls=False)
            assert drain_at(NOW) is Outcome.NO_WAY_OUT
        assert list(OutboxMessage.objects.order_by("created_at").values_list("attempts", flat=True)) == [1, 0, 0]

    def test_a_wrong_password_is_no_way_out(self, db):
        with MailServer(with_login=True) as server:
            server.configure_site(smtp_password="something else")
            row = MessageFactory()
            assert drain_at(NOW) is Outcome.NO_WAY_OUT
            row.refresh_from_db()
            assert "SMTPAuthenticationError" in row.last_error
            assert PASSWORD not in row.last_error

    def test_a_password_that_cannot_be_read_any_more_keeps_the_mail_waiting(self, db, settings):
        with MailServer(with_login=True) as server:
            server.configure_site()
            settings.SECRET_KEY = "another secret, from which another key follows"
            row = MessageFactory()
            assert drain_at(NOW) is Outcome.NO_WAY_OUT
            row.refresh_from_db()
            assert (row.status, server.connections) == (Status.PENDING, 0)
            assert not Path(settings.MAIL_DIR).exists()
