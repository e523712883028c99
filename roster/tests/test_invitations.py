"""Invitations: whom they reach, how far they get, and what becomes of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from medcover.common.errors import DomainError
from medcover.system.models import AuditEntry
from notifications.delivery import drain
from notifications.models import OutboxMessage
from notifications.rules import Priority
from notifications.tests.smtp import MailServer
from roster.models import Invitation, User
from roster.notices import INVITATION_SUBJECT
from roster.services import invitations
from roster.services.invitations import AddressTaken, InvitationDead, MalformedAddresses
from roster.signals import person_registered
from roster.tests.factories import UserFactory, make_admin
from roster.tests.mails import html_of, link_in, mail_of, only_mail

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 1, 12, tzinfo=ZoneInfo("Europe/Prague"))
LATER = NOW + timedelta(hours=72)
JANA = "jana@example.org"
PASSWORD = "kůň baterie svorka"


@pytest.fixture(autouse=True)
def clock():
    """What is rendered asks the clock; it stands at NOW."""
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def admin():
    return make_admin(name="Novák Jan")


@pytest.fixture
def invitation(admin):
    return invitations.invite(JANA, by=admin, at=NOW).sent[0]


def register(invitation, *, name="Nová Jana", password=PASSWORD, at=NOW):
    return invitations.register(invitation.token, name=name, password=password, at=at)


def entries(kind: str):
    return AuditEntry.objects.filter(kind=kind, content_type__model="invitation")


def mail_is(invitation, status: str, **more):
    OutboxMessage.objects.filter(pk=invitation.mail_id).update(status=status, **more)


class TestAddresses:
    @pytest.mark.parametrize(
        "typed",
        [
            "jana@example.org\npetr@example.org",
            "jana@example.org\r\npetr@example.org\r\n",
            "jana@example.org,petr@example.org",
            "jana@example.org; petr@example.org;",
            " JANA@example.org ,\n; Petr@Example.ORG,jana@example.org",
            ["jana@example.org", "petr@example.org"],
            ["jana@example.org, petr@example.org", "\u200bjana@example.org"],
        ],
    )
    def test_are_split_tidied_and_taken_once(self, admin, typed):
        sent = invitations.invite(typed, by=admin, at=NOW).sent
        assert [row.email for row in sent] == [JANA, "petr@example.org"]

    @pytest.mark.parametrize(
        "wrong",
        [
            "jana",
            "jana@",
            "@example.org",
            "jana@example",
            "jana novak@example.org",
            "Jana Nová <jana2@example.org>",
            "jana@example.org petr@example.org",
            "a" * 300 + "@example.org",
            "jana@example.org\tx",
            "<script>@example.org",
        ],
    )
    def test_one_that_is_malformed_stops_the_whole_batch_and_is_named(self, admin, wrong):
        with pytest.raises(MalformedAddresses) as refusal:
            invitations.invite(f"ok@example.org\n{wrong}", by=admin, at=NOW)
        assert len(refusal.value.addresses) == 1
        assert refusal.value.addresses[0] in str(refusal.value)
        assert not Invitation.objects.exists()
        assert not OutboxMessage.objects.exists()

    @pytest.mark.parametrize("typed", ["", " \n ,;, ", []])
    def test_none_at_all_is_refused(self, admin, typed):
        with pytest.raises(DomainError):
            invitations.invite(typed, by=admin, at=NOW)

    def test_each_is_told_what_became_of_it(self, admin, invitation):
        UserFactory(email="petr@example.org")
        UserFactory(email="gone@example.org", is_active=False, is_archived=True)
        typed = f"petr@example.org, {JANA}, nova@example.org, gone@example.org"
        result = invitations.invite(typed, by=admin, at=NOW)
        assert [row.email for row in result.sent] == ["nova@example.org"]
        assert result.has_account == ["petr@example.org", "gone@example.org"]
        assert result.already_invited == [JANA]


class TestInviting:
    def test_makes_a_link_for_72_hours_and_queues_its_mail(self, admin, invitation):
        assert (invitation.created_by, invitation.created_at) == (admin, NOW)
        assert invitation.expires_at == LATER
        assert invitation.delivery == Invitation.Delivery.QUEUED
        assert invitation.mail.priority == Priority.AUTH
        assert invitation.mail.to_email == JANA

    def test_every_link_is_another_one(self, admin):
        sent = invitations.invite("a@example.org, b@example.org", by=admin, at=NOW).sent
        tokens = {row.token for row in sent}
        assert len(tokens) == 2
        assert {len(token) for token in tokens} == {64}

    def test_the_outbox_holds_no_secret(self, invitation):
        row = OutboxMessage.objects.values().get()
        assert invitation.token not in str(row)

    def test_is_recorded_without_the_secret(self, admin, invitation):
        entry = entries("create").get()
        assert entry.actor == admin
        assert JANA in entry.summary
        assert not [entry for entry in AuditEntry.objects.values() if invitation.token in str(entry)]

    @pytest.mark.parametrize("moment", [LATER, LATER + timedelta(days=1)])
    def test_is_possible_again_once_the_old_one_has_expired(self, admin, invitation, moment):
        assert invitations.invite(JANA, by=admin, at=moment).sent

    def test_is_not_possible_a_moment_before(self, admin, invitation):
        result = invitations.invite(JANA, by=admin, at=LATER - timedelta(seconds=1))
        assert result.already_invited == [JANA]

    def test_is_possible_again_after_cancelling(self, admin, invitation):
        invitations.cancel(invitation.pk, by=admin, at=NOW)
        assert invitations.invite(JANA, by=admin, at=NOW).sent

    def test_the_database_knows_no_second_valid_one(self, admin, invitation):
        with pytest.raises(IntegrityError), transaction.atomic():
            Invitation.objects.create(email=JANA, created_by=admin, created_at=NOW, expires_at=LATER)

    def test_the_database_knows_none_both_used_and_cancelled(self, invitation):
        with pytest.raises(IntegrityError), transaction.atomic():
            Invitation.objects.filter(pk=invitation.pk).update(used_at=NOW, cancelled_at=NOW)


class TestTheMail:
    def test_has_standard_words_unless_others_are_given(self, invitation):
        mail = only_mail("invitation")
        assert mail.subject == str(INVITATION_SUBJECT)
        assert link_in(mail, "/register/") == f"/register/{invitation.token}/"
        assert " 72 " in mail.body
        assert " 72 " in html_of(mail)

    def test_own_words_replace_them_and_the_link_is_still_there(self, admin):
        text = "Ahoj,\nvítej mezi námi <b>tučně</b> & {{ token }}.\n\nJana"
        invitation = invitations.invite(JANA, subject=" Vítej\nmezi námi ", text=text, by=admin, at=NOW).sent[0]
        mail = only_mail("invitation")
        assert mail.subject == "Vítej mezi námi"
        assert "Ahoj,\nvítej mezi námi <b>tučně</b> & {{ token }}.\n\nJana" in mail.body
        assert "vítej mezi námi &lt;b&gt;tučně&lt;/b&gt; &amp; {{ token }}.<br><br>Jana" in html_of(mail)
        assert f"/register/{invitation.token}/" in mail.body
        assert f"/register/{invitation.token}/" in html_of(mail)
        assert " 72 " in mail.body

    @pytest.mark.parametrize("subject", ["Ahoj\r\nBcc: zlo@example.org", "Ahoj\u2028Bcc: zlo@example.org"])
    def test_a_subject_with_line_breaks_smuggles_no_header_in(self, admin, subject):
        invitations.invite(JANA, subject=subject, by=admin, at=NOW)
        message = only_mail("invitation").message()
        assert message["Bcc"] is None
        assert "\n" not in str(message["Subject"])

    def test_a_long_subject_is_cut(self, admin):
        assert len(invitations.invite(JANA, subject="x" * 999, by=admin, at=NOW).sent[0].subject) == 255

    def test_is_not_sent_once_the_invitation_does_not_work(self, admin, invitation, clock):
        message = invitation.mail
        assert mail_of(message)
        clock.move_to(LATER)
        assert mail_of(message) is None
        clock.move_to(NOW)
        invitations.cancel(invitation.pk, by=admin, at=NOW)
        assert mail_of(message) is None

    def test_arrives(self, invitation):
        with MailServer() as server:
            server.configure_site()
            drain(clock=lambda: NOW)
            (mail,) = server.messages
        assert mail.recipients == [JANA]
        assert invitation.token in mail.text
        invitation.refresh_from_db()
        assert invitation.delivery == Invitation.Delivery.SENT


class TestDelivery:
    @pytest.mark.parametrize(
        ("status", "delivery"),
        [("pending", "queued"), ("sending", "queued"), ("failed", "failed"), ("skipped", "failed")],
    )
    def test_is_told_by_the_outbox(self, invitation, status, delivery):
        mail_is(invitation, status, mail_id=uuid4())
        assert Invitation.objects.get().delivery == delivery

    def test_is_unqueued_without_a_row_there(self, invitation):
        OutboxMessage.objects.all().delete()
        assert Invitation.objects.get().delivery == Invitation.Delivery.UNQUEUED


class TestResending:
    @pytest.mark.parametrize("status", ["failed", "skipped"])
    def test_queues_the_same_link_valid_no_longer_than_before(self, admin, invitation, status):
        mail_is(invitation, status, attempts=6, last_error="x")
        again = invitations.resend(invitation.pk, by=admin, at=NOW + timedelta(hours=1))
        again.refresh_from_db()
        assert (again.token, again.expires_at) == (invitation.token, LATER)
        assert again.delivery == Invitation.Delivery.QUEUED
        assert OutboxMessage.objects.get().attempts == 0
        assert entries("resend").get().actor == admin

    def test_queues_a_mail_that_was_never_queued(self, admin, invitation):
        OutboxMessage.objects.all().delete()
        invitations.resend(invitation.pk, by=admin, at=NOW)
        assert invitation.token in only_mail("invitation").body

    @pytest.mark.parametrize("status", ["pending", "sending", "sent"])
    def test_is_refused_while_the_mail_is_on_its_way_or_there(self, admin, invitation, status):
        mail_is(invitation, status, sent_at=NOW, mail_id=uuid4())
        with pytest.raises(DomainError):
            invitations.resend(invitation.pk, by=admin, at=NOW)

    @pytest.mark.parametrize("state", [{"used_at": NOW}, {"cancelled_at": NOW}, {"expires_at": NOW + timedelta(1)}])
    def test_is_refused_for_an_invitation_that_does_not_work(self, admin, invitation, state):
        mail_is(invitation, "failed")
        Invitation.objects.update(**state)
        with pytest.raises(DomainError):
            invitations.resend(invitation.pk, by=admin, at=NOW + timedelta(1))

    def test_is_refused_for_none(self, admin):
        with pytest.raises(DomainError):
            invitations.resend(0, by=admin, at=NOW)


class TestCancelling:
    def test_kills_the_link_and_is_recorded(self, admin, invitation):
        invitations.cancel(invitation.pk, by=admin, at=NOW)
        with pytest.raises(InvitationDead):
            invitations.find_valid(invitation.token, at=NOW)
        entry = entries("cancel").get()
        assert entry.actor == admin
        assert JANA in entry.summary

    def test_is_refused_twice_and_after_use(self, admin, invitation):
        invitations.cancel(invitation.pk, by=admin, at=NOW)
        with pytest.raises(DomainError):
            invitations.cancel(invitation.pk, by=admin, at=NOW)
        other = invitations.invite(JANA, by=admin, at=NOW).sent[0]
        register(other)
        with pytest.raises(DomainError):
            invitations.cancel(other.pk, by=admin, at=NOW)


class TestOpening:
    def test_remembers_and_records_only_the_first_time(self, invitation):
        for hours in (1, 2):
            invitations.first_opened(invitation.token, at=NOW + timedelta(hours=hours))
        invitation.refresh_from_db()
        assert invitation.opened_at == NOW + timedelta(hours=1)
        assert entries("link_clicked").get().actor is None

    @pytest.mark.parametrize("token", ["", "0" * 64, "x", "\0", "ž" * 64, "0" * 64 + "\n", "'; DROP TABLE"])
    def test_any_other_link_is_dead(self, invitation, token):
        with pytest.raises(InvitationDead):
            invitations.first_opened(token, at=NOW)

    def test_an_expired_one_is_dead_to_the_second(self, invitation):
        assert invitations.find_valid(invitation.token, at=LATER - timedelta(seconds=1)) == invitation
        with pytest.raises(InvitationDead):
            invitations.find_valid(invitation.token, at=LATER)


class TestRegistering:
    def test_makes_an_active_member_and_uses_the_invitation_up(self, invitation):
        person = register(invitation, name="  Nová   Jana ")
        assert (person.email, person.name, person.is_active) == (JANA, "Nová Jana", True)
        assert person.role_names == {"Member"}
        assert person.check_password(PASSWORD)
        invitation.refresh_from_db()
        assert invitation.used_at == NOW
        assert invitation.state_at(NOW) == Invitation.State.COMPLETED

    def test_welcomes_the_person(self, invitation):
        person = register(invitation)
        message = OutboxMessage.objects.get(code="account_activated")
        assert (message.recipient, message.priority) == (person, Priority.AUTH)
        mail = mail_of(message)
        assert "/login/" in mail.body
        assert JANA in html_of(mail)

    def test_is_recorded_with_the_person_and_without_the_password(self, invitation):
        person = register(invitation)
        assert entries("complete").get().actor == person
        assert not [entry for entry in AuditEntry.objects.values() if PASSWORD in str(entry)]

    def test_is_announced_inside_the_transaction(self, invitation):
        heard = []

        def listen(person_id, invitation_id, by, at, **_kwargs):
            heard.append((person_id, invitation_id, by.pk, at, transaction.get_connection().in_atomic_block))

        person_registered.connect(listen)
        try:
            person = register(invitation)
        finally:
            person_registered.disconnect(listen)
        assert heard == [(person.pk, invitation.pk, person.pk, NOW, True)]

    @pytest.mark.parametrize("state", [{"used_at": NOW}, {"cancelled_at": NOW}, {"expires_at": NOW + timedelta(1)}])
    def test_is_refused_once_the_invitation_does_not_work(self, invitation, state):
        Invitation.objects.update(**state)
        with pytest.raises(InvitationDead):
            register(invitation, at=NOW + timedelta(1))
        assert not User.objects.filter(email=JANA).exists()

    @pytest.mark.parametrize("what", [{"password": "1234567"}, {"name": "  "}, {"name": "x" * 256}])
    def test_a_weak_password_or_no_name_leaves_everything_as_it_was(self, invitation, what):
        with pytest.raises(ValidationError):
            register(invitation, **what)
        assert not User.objects.filter(email=JANA).exists()
        assert invitations.find_valid(invitation.token, at=NOW)

    def test_eight_characters_are_enough(self, invitation):
        assert register(invitation, password="12345678")

    def test_is_refused_when_the_address_has_an_account_by_now(self, invitation):
        UserFactory(email=JANA)
        with pytest.raises(AddressTaken):
            register(invitation)

    def test_when_it_gets_one_at_the_last_moment_too(self, invitation, monkeypatch):
        UserFactory(email=JANA)
        monkeypatch.setattr(invitations, "_refuse_taken", lambda email: None)
        with pytest.raises(AddressTaken):
            register(invitation)
