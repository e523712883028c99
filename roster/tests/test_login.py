"""Getting in and out."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from medcover.settings import base, dev
from roster.forms import LoginForm
from roster.tests.factories import PASSWORD, UserFactory, make_admin, make_member

pytestmark = pytest.mark.django_db

LOGIN = "/login/"
NOW = datetime(2027, 5, 5, 12, 0, tzinfo=UTC)


@pytest.fixture
def person():
    return make_member(email="petr@example.org", name="Dvořák Petr")


def log_in(client, email="petr@example.org", password=PASSWORD, **more):
    return client.post(LOGIN, {"username": email, "password": password, **more})


def is_logged_in(client) -> bool:
    return SESSION_KEY in client.session


def says(answer, code: str) -> bool:
    return escape(str(LoginForm.error_messages[code])) in answer.content.decode()


class TestLogin:
    def test_leads_to_the_dashboard_and_remembers_when(self, client, person):
        answer = log_in(client)
        assert (answer.status_code, answer["Location"]) == (302, "/")
        person.refresh_from_db()
        assert person.last_login is not None

    @pytest.mark.parametrize("email", ["PETR@example.org", "  petr@example.org ", "Petr@Example.ORG"])
    def test_takes_the_address_in_any_case_and_with_spaces(self, client, person, email):
        log_in(client, email)
        assert is_logged_in(client)

    def test_is_not_offered_to_who_is_logged_in(self, client, person):
        client.force_login(person)
        answer = client.get(LOGIN, {"next": "/events/"})
        assert (answer.status_code, answer["Location"]) == (302, "/")

    def test_never_loops(self, client, person):
        answer = log_in(client, next=LOGIN)
        assert client.get(answer["Location"])["Location"] == "/"

    def test_asks_a_stranger_to_log_in_first(self, client):
        answer = client.get("/events/", follow=True)
        assert answer.redirect_chain == [("/login/?next=/events/", 302)]
        assert [message.level_tag for message in answer.context["messages"]] == ["warning"]

    def test_does_not_scold_who_opens_the_start_page(self, client):
        answer = client.get("/", follow=True)
        assert answer.redirect_chain == [("/login/?next=/", 302)]
        assert not list(answer.context["messages"])

    def test_after_the_end_of_a_session_a_form_leads_back_to_its_page(self, client):
        answer = client.post("/profile/password/", headers={"Referer": "http://testserver/profile/"})
        assert answer["Location"] == "/login/?next=/profile/"

    def test_a_form_from_elsewhere_leads_to_the_start(self, client):
        answer = client.post("/profile/password/", headers={"Referer": "http://evil.example/profile/"})
        assert answer["Location"] == "/login/?next=/"

    def test_tells_password_managers_what_is_what(self, client):
        page = client.get(LOGIN).content.decode()
        assert 'autocomplete="username"' in page
        assert 'autocomplete="current-password"' in page
        assert 'type="email"' in page

    def test_a_second_try_begins_at_the_password(self, client, person):
        form = log_in(client, password="wrong").context["form"]
        assert "autofocus" in form.fields["password"].widget.attrs
        assert "autofocus" not in form.fields["username"].widget.attrs

    def test_is_never_cached(self, client):
        assert "no-store" in client.get(LOGIN)["Cache-Control"]


class TestLogout:
    def test_ends_the_session_and_says_so(self, client, person):
        client.force_login(person)
        answer = client.post("/logout/", follow=True)
        assert answer.redirect_chain == [(LOGIN, 302)]
        assert [message.level_tag for message in answer.context["messages"]] == ["success"]
        assert not is_logged_in(client)

    def test_needs_a_form(self, client, person):
        client.force_login(person)
        assert client.get("/logout/").status_code == 405
        assert is_logged_in(client)

    def test_is_the_same_from_the_backoffice(self, client):
        client.force_login(make_admin())
        assert client.post(reverse("admin:logout"))["Location"] == LOGIN


class TestRefusals:
    """What is told, in the order of the rules."""

    def test_wrong_password_and_unknown_address_read_the_same(self, client, person):
        pages = [log_in(client, password="wrong"), log_in(client, email="nobody@example.org")]
        texts = [re.sub(r'(value|content)="[^"]*"', "", page.content.decode()) for page in pages]
        assert [page.status_code for page in pages] == [200, 200]
        assert _without_secrets(texts[0]) == _without_secrets(texts[1])
        assert says(pages[0], "invalid_login")

    @pytest.mark.parametrize(
        ("state", "code"),
        [({"is_active": False}, "inactive"), ({"is_active": False, "is_archived": True}, "archived")],
    )
    def test_the_state_is_told_only_with_the_right_password(self, client, state, code):
        UserFactory(email="gone@example.org", **state)
        wrong, right = log_in(client, "gone@example.org", "wrong"), log_in(client, "gone@example.org")
        assert says(wrong, "invalid_login")
        assert not says(wrong, code)
        assert says(right, code)
        assert not is_logged_in(client)

    def test_a_right_password_of_an_inactive_account_is_no_failure(self, client):
        UserFactory(email="gone@example.org", is_active=False)
        log_in(client, "gone@example.org")
        assert not AccessAttempt.objects.filter(failures_since_start__gt=0).exists()

    @pytest.mark.parametrize("email", ["", "petr", "petr@", "a" * 300 + "@example.org", "petr@example.org\0"])
    def test_nonsense_is_refused_politely(self, client, email):
        assert log_in(client, email).status_code == 200
        assert not is_logged_in(client)

    @pytest.mark.parametrize("password", ["", "None", "!"])
    def test_an_account_without_a_password_has_none_that_fits(self, client, password):
        UserFactory(email="new@example.org", password=None)
        assert log_in(client, "new@example.org", password).status_code == 200
        assert not is_logged_in(client)


class TestLock:
    @pytest.fixture(autouse=True)
    def clock(self):
        with time_machine.travel(NOW, tick=False) as clock:
            yield clock

    def fail(self, client, times: int, email="petr@example.org", **headers):
        for _ in range(times):
            answer = client.post(LOGIN, {"username": email, "password": "wrong"}, **headers)
        return answer

    def test_four_failures_do_not_lock(self, client, person):
        self.fail(client, 4)
        log_in(client)
        assert is_logged_in(client)

    def test_the_fifth_locks_out_the_right_password_with_the_same_words(self, client, person):
        failed = self.fail(client, 5)
        locked = log_in(client)
        assert not is_logged_in(client)
        assert locked.status_code == failed.status_code == 200
        assert says(locked, "invalid_login")

    def test_whoever_tries_from_wherever(self, client, person):
        for number in range(5):
            self.fail(client, 1, REMOTE_ADDR=f"192.0.2.{number}", HTTP_USER_AGENT=f"browser {number}")
        log_in(client)
        assert not is_logged_in(client)

    def test_in_any_spelling_of_the_address(self, client, person):
        for email in [
            "Petr@example.org",
            "PETR@EXAMPLE.ORG",
            " petr@example.org",
            "petr@example.org",
            "pEtr@example.org",
        ]:
            self.fail(client, 1, email)
        log_in(client)
        assert not is_logged_in(client)

    def test_holds_fifteen_minutes_from_the_fifth_failure(self, client, person, clock):
        self.fail(client, 4)
        clock.shift(timedelta(minutes=10))
        self.fail(client, 1)
        clock.shift(timedelta(minutes=14, seconds=59))
        log_in(client)
        assert not is_logged_in(client)
        clock.shift(timedelta(seconds=1))
        log_in(client)
        assert is_logged_in(client)

    def test_is_not_prolonged_by_trying(self, client, person, clock):
        self.fail(client, 5)
        clock.shift(timedelta(minutes=14))
        self.fail(client, 3)
        clock.shift(timedelta(minutes=1))
        log_in(client)
        assert is_logged_in(client)

    def test_once_elapsed_counts_from_the_beginning(self, client, person, clock):
        self.fail(client, 5)
        clock.shift(timedelta(minutes=15))
        self.fail(client, 4)
        log_in(client)
        assert is_logged_in(client)

    def test_failures_in_a_row_count_however_slow(self, client, person, clock):
        for _ in range(5):
            self.fail(client, 1)
            clock.shift(timedelta(hours=1))
        clock.shift(timedelta(minutes=-50))
        log_in(client)
        assert not is_logged_in(client)

    def test_a_success_forgets_the_failures(self, client, person):
        for _ in range(3):
            self.fail(client, 4)
            log_in(client)
            client.logout()
        assert not AccessAttempt.objects.exists()

    def test_concerns_one_account_alone(self, client, person):
        make_member(email="jana@example.org")
        self.fail(client, 5)
        log_in(client, "jana@example.org")
        assert is_logged_in(client)

    def test_unknown_addresses_are_not_counted_and_read_like_locked_ones(self, client, person):
        self.fail(client, 6)
        unknown = self.fail(client, 6, "nobody@example.org")
        assert not AccessAttempt.objects.exclude(username="petr@example.org").exists()
        assert unknown.status_code == 200
        assert says(unknown, "invalid_login")

    def test_keeps_no_trace_of_who_tried(self, client, person):
        self.fail(client, 2, REMOTE_ADDR="192.0.2.7", HTTP_USER_AGENT="a browser")
        row = AccessAttempt.objects.get()
        assert (row.ip_address, row.user_agent, row.get_data, row.post_data) == ("::", "", "", "")

    @pytest.mark.parametrize("email", ["petr@example.org", "locked@example.org", "nobody@example.org"])
    def test_every_refusal_costs_one_hashing(self, client, person, email, hashings):
        make_member(email="locked@example.org")
        self.fail(client, 5, "locked@example.org")
        hashings.clear()
        self.fail(client, 1, email)
        assert len(hashings) == 1

    def test_beside_the_hashing_a_refusal_costs_little(self, client, person):
        """Only failures of existing accounts are counted; the few queries of that vanish beside a slow hashing."""

        def queries(email: str) -> int:
            with CaptureQueriesContext(connection) as captured:
                self.fail(client, 1, email)
            return len(captured)

        queries("nobody@example.org")
        assert 0 <= queries("petr@example.org") - queries("nobody@example.org") <= 6


@pytest.fixture
def hashings(monkeypatch):
    """Every hashing of a password, noted in a list."""
    done: list[str] = []
    real = MD5PasswordHasher.encode

    def encode(self, password, salt):
        done.append(salt)
        return real(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", encode)
    return done


class TestDemoAccounts:
    @pytest.fixture
    def demo(self):
        return make_admin(email="dev.admin@medcover.local")

    def test_are_not_offered_by_default(self, client, demo):
        assert "devpassword" not in client.get(LOGIN).content.decode()

    def test_are_offered_where_the_settings_say_so(self, client, demo, settings):
        settings.DEVELOPMENT_LOGIN = True
        page = client.get(LOGIN)
        assert [email for email, _roles in page.context["dev_accounts"]] == [demo.email]
        assert "devpassword" in page.content.decode()

    def test_nothing_is_offered_where_there_are_none(self, client, person, settings):
        settings.DEVELOPMENT_LOGIN = True
        make_member(email="dev.novak@medcover.local.example.org")
        assert "devpassword" not in client.get(LOGIN).content.decode()

    def test_production_cannot_switch_them_on(self):
        assert (base.DEVELOPMENT_LOGIN, dev.DEVELOPMENT_LOGIN) == (False, True)
        source = (base.BASE_DIR / "medcover" / "settings" / "prod.py").read_text()
        assert "DEVELOPMENT_LOGIN" not in source


def _without_secrets(page: str) -> str:
    """Drop what differs from page to page by design: the nonce and the CSRF tokens."""
    return re.sub(r"hx-headers='[^']*'", "", page)
