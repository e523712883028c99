"""Setting a password, by a link or without: what it ends, what is refused, how it is kept."""

from __future__ import annotations

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.hashers import identify_hasher
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from medcover.settings import base
from medcover.system.models import AuditEntry
from roster import services
from roster.lockout import ANYWHERE
from roster.services import passwords
from roster.tests.factories import PASSWORD, make_member
from roster.tests.passwords.steps import (
    LOGIN,
    NEW,
    PETR,
    ask,
    choose,
    follow,
    knows,
    token_for,
)
from roster.views.passwords import SAME_ANSWER

pytestmark = pytest.mark.django_db


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


def test_the_login_page_says_what_happens(client, person):
    answer = ask(client)
    assert escape(str(SAME_ANSWER)) in answer.content.decode()
