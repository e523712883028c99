"""Links to a new password: which are dead, and where their secret never stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from notifications.models import OutboxMessage
from roster import services
from roster.services import passwords
from roster.tests.factories import make_admin
from roster.tests.passwords.steps import (
    FORGOTTEN,
    NEW,
    NEW_PAGE,
    NOW,
    PETR,
    choose,
    follow,
    is_dead,
    knows,
    token_for,
)

pytestmark = pytest.mark.django_db


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
