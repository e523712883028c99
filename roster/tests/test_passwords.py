"""From a forgotten password to a new one."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.hashers import identify_hasher
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import escape
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from medcover.settings import base
from medcover.system.models import AuditEntry
from notifications.models import OutboxMessage
from notifications.rules import Priority
from roster import services
from roster.lockout import ANYWHERE
from roster.services import passwords
from roster.tests.factories import PASSWORD, UserFactory, make_admin, make_member
from roster.tests.mails import html_of, link_in, mail_of, only_mail
from roster.views.passwords import SAME_ANSWER

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 5, 5, 12, 0, tzinfo=UTC)
NEW = "nové heslo 7"
FORGOTTEN, NEW_PAGE, LOGIN = "/password/forgotten/", "/password/new/", "/login/"
PETR = "petr@example.org"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def person():
    return make_member(email=PETR, name="Dvořák Petr")


def ask(client, email=PETR):
    """Ask for a link on the page, and do what the worker does then."""
    answer = client.post(FORGOTTEN, {"email": email}, follow=True)
    for row in OrmQ.objects.all():
        if row.func() == "roster.jobs.request_reset":
            import_string(row.func())(*row.task["args"])
            row.delete()
    return answer


def token_for(person) -> str:
    """Request a link and return its secret part, as the mail would hold it."""
    passwords.request_reset(person.email)
    person.refresh_from_db()
    return passwords.reset_token(person)


def follow(client, token):
    return client.get(f"{NEW_PAGE}{token}/")


def choose(client, new=NEW, repeated=None):
    return client.post(NEW_PAGE, {"new": new, "repeated": new if repeated is None else repeated})


def is_dead(answer) -> bool:
    return answer.status_code == 400 and "registration/link_dead.html" in [row.name for row in answer.templates]


def knows(person, password: str) -> bool:
    person.refresh_from_db()
    return bool(person.check_password(password))


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
        assert _without_secrets(answer) == _without_secrets(ask(Client(), "another@example.org"))

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
        answers = {_without_secrets(ask(client, f"nobody{n}@example.org")) for n in range(passwords.REQUESTS)}
        refused = ask(client)
        assert {_without_secrets(refused)} == answers
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


class TestDeadLinks:
    @pytest.mark.parametrize("token", ["x", "a:b:c", "0" * 64, "%00", "ž", "x" * 3000])
    def test_a_made_up_one(self, client, token):
        assert is_dead(follow(client, token))

    def test_a_damaged_one(self, client, person):
        token = token_for(person)
        assert is_dead(follow(client, token[:-1] + ("A" if token[-1] != "A" else "B")))

    @pytest.mark.parametrize(("minutes", "works"), [(9, True), (10, True), (11, False)])
    def test_works_ten_minutes(self, client, person, clock, minutes, works):
        token = token_for(person)
        clock.shift(timedelta(minutes=minutes))
        assert (follow(client, token).status_code == 302) is works

    def test_an_expired_one_on_its_page(self, client, person, clock):
        follow(client, token_for(person))
        clock.shift(timedelta(minutes=11))
        assert is_dead(choose(client))
        assert not knows(person, NEW)

    def test_a_used_one(self, client, person):
        token = token_for(person)
        follow(client, token)
        choose(client)
        assert is_dead(follow(Client(), token))

    def test_the_others_of_one_that_was_used(self, client, person):
        first, second = token_for(person), token_for(person)
        follow(client, second)
        choose(client)
        assert knows(person, NEW)
        assert is_dead(follow(Client(), first))

    def test_one_that_was_asked_for_long_before_another(self, client, person, clock):
        old = token_for(person)
        follow(client, old)
        clock.shift(passwords.LINK_LASTS + timedelta(seconds=1))
        new = token_for(person)
        assert is_dead(choose(client))
        assert is_dead(follow(Client(), old))
        assert follow(Client(), new).status_code == 302

    def test_one_that_a_password_set_otherwise_has_overtaken(self, client, person):
        token = token_for(person)
        services.set_password(person.pk, "jiné heslo 8", by=person)
        assert is_dead(follow(client, token))

    def test_one_of_somebody_archived_meanwhile(self, client, person):
        token = token_for(person)
        follow(client, token)
        services.archive(person.pk, by=make_admin(), at=NOW)
        assert is_dead(choose(client))
        assert is_dead(follow(client, token))

    def test_the_page_without_any(self, client):
        assert is_dead(client.get(NEW_PAGE))
        assert is_dead(choose(client))

    def test_a_secret_for_another_purpose(self, client, person):
        assert is_dead(follow(client, person.ical_token))

    def test_offers_a_new_one(self, client):
        assert f'href="{FORGOTTEN}"' in client.get(NEW_PAGE).content.decode()


class TestChoosing:
    def test_ends_at_the_login_not_logged_in(self, client, person):
        follow(client, token_for(person))
        answer = choose(client)
        assert (answer.status_code, answer["Location"]) == (302, LOGIN)
        assert SESSION_KEY not in client.session
        client.post(LOGIN, {"username": PETR, "password": NEW})
        assert SESSION_KEY in client.session

    def test_writes_everything_the_rules_ask_for(self, client, person):
        before = person.version
        follow(client, token_for(person))
        choose(client)
        person.refresh_from_db()
        assert (person.version, person.password_reset_nonce) == (before + 1, "")
        entry = AuditEntry.objects.get(kind="password_reset_completed")
        assert (entry.actor, entry.object_pk) == (person, str(person.pk))
        assert not [row for row in AuditEntry.objects.values() if NEW in str(row) or person.password in str(row)]

    def test_ends_all_sessions_of_the_person(self, client, person):
        elsewhere = Client()
        elsewhere.force_login(person)
        client.force_login(person)
        follow(client, token_for(person))
        choose(client)
        for browser in (elsewhere, client):
            assert browser.get("/profile/")["Location"] == "/login/?next=/profile/"

    def test_leaves_the_lock_after_failed_logins(self, client, person):
        AccessAttempt.objects.create(username=PETR, failures_since_start=5, attempt_time=timezone.now(), **ANYWHERE)
        follow(client, token_for(person))
        choose(client)
        client.post(LOGIN, {"username": PETR, "password": NEW})
        assert SESSION_KEY not in client.session

    @pytest.mark.parametrize(
        ("typed", "field"), [(("1234567",), "new"), ((NEW, "jiné"), "repeated"), (("", ""), "new")]
    )
    def test_what_is_refused_can_be_tried_again(self, client, person, typed, field):
        follow(client, token_for(person))
        answer = choose(client, *typed)
        assert answer.status_code == 422
        assert field in answer.context["form"].errors
        assert choose(client).status_code == 302

    def test_the_service_refuses_a_weak_one_too_and_keeps_the_link(self, person):
        token = token_for(person)
        with pytest.raises(ValidationError):
            passwords.reset_password(token, "1234567")
        assert passwords.person_of(token) == person

    @pytest.mark.parametrize(
        "password", ["        ", "<script>alert(1)</script>", "heslo\theslo", "ž" * 500, "a'; --abc"]
    )
    def test_any_characters_will_do(self, client, person, password):
        follow(client, token_for(person))
        choose(client, password)
        assert knows(person, password)


class TestTheSecret:
    def test_leaves_the_address_before_the_page_is_shown(self, client, person):
        token = token_for(person)
        answer = follow(client, token)
        assert (answer.status_code, answer["Location"]) == (302, NEW_PAGE)
        assert token not in client.get(NEW_PAGE).content.decode()

    def test_does_not_get_into_a_planted_session(self, client, person):
        session = client.session
        session["planted"] = True
        session.save()
        planted = session.session_key
        follow(client, token_for(person))
        assert client.session.session_key != planted
        assert not client.session.exists(planted)

    def test_leaves_the_session_after_use(self, client, person):
        follow(client, token_for(person))
        choose(client)
        assert "password_reset_token" not in client.session

    @pytest.mark.parametrize("address", [FORGOTTEN, NEW_PAGE, f"{NEW_PAGE}x/"])
    def test_no_page_of_it_is_kept_or_told_to_others(self, client, address):
        answer = client.get(address)
        assert "no-store" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "strict-origin-when-cross-origin"

    @pytest.mark.parametrize("address", [FORGOTTEN, NEW_PAGE])
    def test_every_change_needs_its_csrf_token(self, person, address):
        assert Client(enforce_csrf_checks=True).post(address, {"email": PETR}).status_code == 403
        assert not OutboxMessage.objects.exists()


class TestHashing:
    @pytest.fixture(autouse=True)
    def as_in_production(self, settings):
        settings.PASSWORD_HASHERS = base.PASSWORD_HASHERS

    def test_is_argon2(self, client, person):
        follow(client, token_for(person))
        choose(client)
        person.refresh_from_db()
        assert person.password.startswith("argon2$argon2id$")
        assert knows(person, NEW)

    def test_an_older_hash_is_renewed_at_the_next_login(self, client, settings):
        settings.PASSWORD_HASHERS = base.PASSWORD_HASHERS[1:]
        person = make_member(email=PETR)
        settings.PASSWORD_HASHERS = base.PASSWORD_HASHERS
        assert identify_hasher(person.password).algorithm == "pbkdf2_sha256"
        client.post(LOGIN, {"username": PETR, "password": PASSWORD})
        person.refresh_from_db()
        assert identify_hasher(person.password).algorithm == "argon2"
        assert client.get("/profile/").status_code == 200


class TestSettingWithoutALink:
    def test_is_refused_for_a_weak_password(self, person):
        with pytest.raises(ValidationError):
            services.set_password(person.pk, "1234567", by=person)


def _without_secrets(answer) -> str:
    """The page without what differs from page to page by design: the nonce and the CSRF tokens."""
    page = re.sub(r"hx-headers='[^']*'", "", answer.content.decode())
    return re.sub(r'(value|content|nonce)="[^"]*"', "", page)


def test_the_login_page_says_what_happens(client, person):
    answer = ask(client)
    assert escape(str(SAME_ANSWER)) in answer.content.decode()
