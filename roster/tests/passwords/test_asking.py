"""Asking for a link to a new password: what is sent, to whom, and how often."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ

from medcover.system.models import AuditEntry
from notifications.models import OutboxMessage
from notifications.rules import Priority
from roster import services
from roster.services import passwords
from roster.tests.factories import UserFactory, make_admin
from roster.tests.mails import html_of, link_in, mail_of, only_mail
from roster.tests.passwords.steps import (
    FORGOTTEN,
    LOGIN,
    NEW,
    NEW_PAGE,
    NOW,
    PETR,
    ask,
    choose,
    follow,
    knows,
    token_for,
    without_secrets,
)
from roster.views.passwords import SAME_ANSWER

pytestmark = pytest.mark.django_db


class TestAsking:
    def test_sends_a_link_that_leads_to_a_new_password(self, client, person):
        ask(client)
        mail = only_mail("password_reset")
        assert mail.to == [PETR]
        assert " 10 " in mail.body
        assert " 10 " in html_of(mail)
        answer = client.get(link_in(mail, NEW_PAGE), follow=True)
        assert answer.redirect_chain == [(NEW_PAGE, 302)]
        choose(client)
        assert knows(person, NEW)

    def test_the_mail_has_the_right_of_way_and_the_outbox_no_secret(self, client, person):
        ask(client)
        person.refresh_from_db()
        row = OutboxMessage.objects.get()
        assert row.priority == Priority.AUTH
        assert person.password_reset_nonce
        assert person.password_reset_nonce not in str(OutboxMessage.objects.values().get())

    @pytest.mark.parametrize("email", [PETR, " PETR@example.org ", "nobody@example.org", "gone@example.org"])
    def test_answers_always_the_same(self, client, person, email):
        UserFactory(email="gone@example.org", is_active=False, is_archived=True)
        answer = ask(client, email)
        assert answer.redirect_chain == [(LOGIN, 302)]
        assert [str(message) for message in answer.context["messages"]] == [str(SAME_ANSWER)]
        assert without_secrets(answer) == without_secrets(ask(Client(), "another@example.org"))

    def test_costs_the_page_the_same_for_every_address(self, client, person):
        """What there is to do is done by the worker, whose pace nobody sees."""
        UserFactory(email="gone@example.org", is_active=False, is_archived=True)
        client.get(FORGOTTEN)

        def statements(email: str) -> list[str]:
            with CaptureQueriesContext(connection) as captured:
                client.post(FORGOTTEN, {"email": email})
            return [" ".join(query["sql"].split()[:3]) for query in captured.captured_queries]

        known, unknown, archived = map(statements, [PETR, "nobody@example.org", "gone@example.org"])
        assert known == unknown == archived
        assert not OutboxMessage.objects.exists()

    def test_leaves_no_list_of_who_asked(self, client, person):
        client.post(FORGOTTEN, {"email": PETR})
        assert [row.task["save"] for row in OrmQ.objects.all()] == [False]

    @pytest.mark.parametrize("email", ["nobody@example.org", "gone@example.org"])
    def test_writes_to_nobody_unknown_or_archived(self, client, person, email):
        UserFactory(email="gone@example.org", is_active=False, is_archived=True)
        ask(client, email)
        assert not OutboxMessage.objects.exists()
        assert not AuditEntry.objects.filter(kind="password_reset_requested").exists()

    def test_whoever_waits_for_activation_gets_the_mail_but_still_cannot_log_in(self, client):
        waiting = UserFactory(email=PETR, is_active=False)
        ask(client)
        client.get(link_in(only_mail("password_reset"), NEW_PAGE))
        choose(client)
        assert knows(waiting, NEW)
        client.post(LOGIN, {"username": PETR, "password": NEW})
        assert SESSION_KEY not in client.session

    def test_one_message_waits_at_a_time_and_holds_the_newest_link(self, client, person):
        for _n in range(3):
            ask(client)
        token = link_in(mail_of(OutboxMessage.objects.get()), NEW_PAGE)
        assert client.get(token).status_code == 302

    @pytest.mark.parametrize("email", ["", "petr", "petr@", "a b@example.org", "a" * 300 + "@example.org", "x\0@x.org"])
    def test_nonsense_is_told_to_be_no_address(self, client, email):
        answer = client.post(FORGOTTEN, {"email": email})
        assert answer.status_code == 422
        assert answer.context["form"].errors.keys() == {"email"}

    def test_a_line_break_is_no_way_to_a_second_recipient(self, client, person):
        ask(client, "petr@example.org\nBcc: zlo@example.org")
        assert not OutboxMessage.objects.exists()

    def test_is_recorded_without_any_value(self, client, person):
        ask(client)
        entry = AuditEntry.objects.get(kind="password_reset_requested")
        assert (entry.actor, entry.object_pk) == (None, str(person.pk))
        person.refresh_from_db()
        assert not [row for row in AuditEntry.objects.values() if person.password_reset_nonce in str(row)]

    def test_is_offered_on_the_login_page(self, client):
        assert f'href="{FORGOTTEN}"' in client.get(LOGIN).content.decode()

    def test_does_not_disturb_forms_that_are_open(self, client, person):
        before = person.version
        ask(client)
        person.refresh_from_db()
        assert person.version == before


class TestPace:
    """A stranger who asks for somebody's link over and over neither floods them nor keeps them from coming in."""

    def mails(self) -> int:
        return OutboxMessage.objects.filter(code="password_reset").count()

    def sent(self) -> None:
        OutboxMessage.objects.pending().update(status="sent", sent_at=timezone.now())

    def test_a_young_link_is_sent_again_and_not_replaced(self, person):
        first = token_for(person)
        self.sent()
        second = token_for(person)
        assert passwords.person_of(first) == passwords.person_of(second) == person
        assert self.mails() == 2

    def test_a_few_an_hour_are_sent_however_often_somebody_asks(self, person, clock):
        for _second in range(60):
            passwords.request_reset(PETR)
            self.sent()
            clock.shift(timedelta(seconds=1))
        assert self.mails() == passwords.LINKS

    def test_counts_from_the_sending_of_what_had_to_wait(self, person):
        for _link in range(passwords.LINKS):
            passwords.request_reset(PETR)
            self.sent()
        OutboxMessage.objects.update(created_at=timezone.now() - 2 * passwords.LINKS_WITHIN)
        passwords.request_reset(PETR)
        assert self.mails() == passwords.LINKS

    def test_whoever_owns_the_account_has_a_link_that_works_at_any_moment(self, person, clock):
        """Strangers ask every half minute for three hours; at each moment the newest mail holds a living link."""
        for _half_minute in range(6 * 60):
            passwords.request_reset(PETR)
            self.sent()
            newest = OutboxMessage.objects.latest("created_at")
            assert timezone.now() - newest.created_at < passwords.LINK_LASTS
            clock.shift(timedelta(seconds=30))
        assert self.mails() <= 30

    def test_one_sender_is_looked_at_a_few_times_an_hour_and_always_answered_the_same(self, client, person, clock):
        answers = {without_secrets(ask(client, f"nobody{n}@example.org")) for n in range(passwords.REQUESTS)}
        refused = ask(client)
        assert {without_secrets(refused)} == answers
        assert self.mails() == 0
        clock.shift(passwords.REQUESTS_WITHIN)
        ask(client)
        assert self.mails() == 1

    def test_other_senders_are_not_concerned(self, client, person):
        for n in range(passwords.REQUESTS + 1):
            ask(client, f"nobody{n}@example.org")
        ask(Client(REMOTE_ADDR="192.0.2.7"))
        assert self.mails() == 1


class TestTheMail:
    def test_is_not_sent_once_a_link_was_used_or_the_person_has_left(self, person):
        token = token_for(person)
        message = OutboxMessage.objects.get()
        assert mail_of(message)
        passwords.reset_password(token, NEW)
        message.refresh_from_db()
        assert mail_of(message) is None

    def test_is_dropped_with_the_account(self, person):
        passwords.request_reset(PETR)
        services.archive(person.pk, by=make_admin(), at=NOW)
        assert not OutboxMessage.objects.exists()

    def test_its_time_begins_when_it_is_written(self, client, person, clock):
        passwords.request_reset(PETR)
        clock.shift(timedelta(hours=2))  # the mail server was away
        assert follow(client, link_in(only_mail("password_reset"), NEW_PAGE).split("/")[-2]).status_code == 302
