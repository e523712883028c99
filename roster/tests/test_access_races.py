"""Two people, or one person twice, on the way to an account at the same moment."""

from __future__ import annotations

import threading
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import authenticate
from django.db import transaction
from django.http import HttpRequest
from django.test import Client, RequestFactory

from medcover.common.errors import DomainError, StaleRecord
from medcover.system.models import AuditEntry
from medcover.tests.threads import refusals, together
from notifications.models import OutboxMessage
from notifications.tests.smtp import PATIENCE
from notifications.tests.threads import beside, wait_until_somebody_waits_for_us
from roster import lockout
from roster.models import Invitation, User
from roster.services import invitations, lock_person, passwords
from roster.services.invitations import InvitationDead
from roster.services.passwords import LinkDead
from roster.tests.factories import PASSWORD, make_admin, make_member
from roster.tests.passwords.steps import PETR, choose, follow, is_dead, knows, token_for
from roster.tests.test_invitations import JANA, register

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2027, 3, 1, 12, tzinfo=ZoneInfo("Europe/Prague"))


@pytest.fixture
def admin():
    return make_admin()


@pytest.fixture
def invitation(admin):
    return invitations.invite(JANA, by=admin, at=NOW).sent[0]


@pytest.fixture
def person():
    return make_member(email=PETR)


class TestInvitations:
    def test_two_registrations_with_one_link_make_one_account(self, admin, invitation):
        together = threading.Barrier(2)

        def work(name: str) -> str:
            together.wait(PATIENCE)
            try:
                return register(invitation, name=name).name
            except InvitationDead:
                return ""

        with beside() as start:
            names = [future.result(PATIENCE) for future in [start(work, "Nová Jana"), start(work, "Zlá Jana")]]
        assert sorted(names)[0] == ""
        assert User.objects.get(email=JANA).name == sorted(names)[1]
        assert OutboxMessage.objects.filter(code="account_activated").count() == 1

    def test_two_admins_inviting_the_same_people_send_one_mail_each(self, admin):
        together, addresses = threading.Barrier(2), [f"osoba{n}@example.org" for n in range(20)]

        def work(order: list[str]) -> tuple[int, int]:
            together.wait(PATIENCE)
            result = invitations.invite(order, by=admin, at=NOW)
            return len(result.sent), len(result.already_invited)

        with beside() as start:
            futures = [start(work, order) for order in (addresses, addresses[::-1])]
            results = [future.result(PATIENCE) for future in futures]
        assert [sum(pair) for pair in zip(*results, strict=True)] == [20, 20]
        assert Invitation.objects.count() == OutboxMessage.objects.count() == 20

    def test_cancelling_while_somebody_registers_leaves_one_truth(self, admin, invitation):
        together = threading.Barrier(2)

        def work(change) -> bool:
            together.wait(PATIENCE)
            try:
                change()
            except DomainError:
                return False
            return True

        with beside() as start:
            futures = [
                start(work, lambda: register(invitation)),
                start(work, lambda: invitations.cancel(invitation.pk, by=admin, at=NOW)),
            ]
            done = [future.result(PATIENCE) for future in futures]
        assert sorted(done) == [False, True]
        assert User.objects.filter(email=JANA).exists() == done[0]


class TestNewPasswords:
    def test_of_two_submits_the_second_finds_the_link_used(self, person):
        token, together = token_for(person), threading.Barrier(2)
        browsers = [Client(), Client()]
        for browser in browsers:
            follow(browser, token)

        def work(browser: Client, password: str) -> str:
            together.wait(PATIENCE)
            answer = choose(browser, password)
            return password if answer.status_code == 302 else "dead" if is_dead(answer) else "?"

        with beside() as start:
            futures = [start(work, *pair) for pair in zip(browsers, ["první heslo", "druhé heslo"], strict=True)]
            results = {future.result(PATIENCE) for future in futures}
        assert len(results) == 2
        assert "dead" in results
        (won,) = results - {"dead"}
        assert knows(person, won)
        assert AuditEntry.objects.filter(kind="password_reset_completed").count() == 1

    def test_the_one_who_comes_too_late_is_told_that_somebody_was_quicker(self, person, client):
        token = token_for(person)
        follow(client, token)
        with beside() as start:
            with transaction.atomic():
                lock_person(person.pk)
                late = start(choose, client, "druhé heslo")
                wait_until_somebody_waits_for_us()  # the link has been looked at, and it still worked
                passwords.reset_password(token, "první heslo")
            answer = late.result(PATIENCE)
        assert is_dead(answer)
        assert str(StaleRecord()) in [str(message) for message in answer.context["messages"]]
        assert knows(person, "první heslo")

    def test_of_two_services_the_second_is_refused(self, person):
        token, together = token_for(person), threading.Barrier(2)

        def work(password: str) -> bool:
            together.wait(PATIENCE)
            try:
                passwords.reset_password(token, password)
            except LinkDead:
                return False
            return True

        with beside() as start:
            done = [future.result(PATIENCE) for future in [start(work, "první heslo"), start(work, "druhé heslo")]]
        assert sorted(done) == [False, True]

    def test_many_requests_leave_one_message(self, person):
        together = threading.Barrier(4)

        def work() -> None:
            together.wait(PATIENCE)
            passwords.request_reset(PETR)

        with beside(4) as start:
            for future in [start(work) for _n in range(4)]:
                future.result(PATIENCE)
        assert OutboxMessage.objects.count() == 1


class TestLock:
    def test_of_many_wrong_passwords_at_once_five_are_judged_and_all_of_them_count(self, person, monkeypatch):
        judged = []
        monkeypatch.setattr(User, "check_password", lambda self, given: judged.append(given) or False)
        tries = [lambda n=n: authenticate(a_request(), username=PETR, password=f"wrong {n}") for n in range(24)]
        assert refusals(together(tries)) == 0
        assert len(judged) == settings.AXES_FAILURE_LIMIT
        assert AccessAttempt.objects.get().failures_since_start == settings.AXES_FAILURE_LIMIT
        assert lockout.is_locked(person)

    def test_a_right_password_among_wrong_ones_is_found_or_locked_out_but_never_counted(self, person):
        right = lambda: authenticate(a_request(), username=PETR, password=PASSWORD)  # noqa: E731
        wrong = lambda: authenticate(a_request(), username=PETR, password="wrong")  # noqa: E731
        outcomes = together([right, wrong, wrong, right])
        assert refusals(outcomes) == 0
        assert [outcomes[0].value, outcomes[3].value] == [person, person]
        assert AccessAttempt.objects.get().failures_since_start == 2


def a_request() -> HttpRequest:
    """A form sent to the login page."""
    return RequestFactory().post("/login/", {"username": PETR})
