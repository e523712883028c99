"""Coming in through an OpenID Connect provider, a real little one on loopback; what must not come in."""

from __future__ import annotations

import logging
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from medcover.system.models import SiteSettings
from roster.oidc import ATTEMPTS
from roster.tests.factories import PASSWORD, make_admin, make_member
from roster.tests.logins import CALLBACK, EMAIL, LOGIN, come_back, is_logged_in, log_in, shows, start
from roster.tests.provider import CLIENT_ID, CLIENT_SECRET, SUBJECT, new_key

pytestmark = pytest.mark.django_db

LOGGED_OUT = "/login/oidc/logged-out/"
BACKCHANNEL = "/login/oidc/backchannel-logout/"
LONG_AGO, FAR_AHEAD = 1_000_000_000, 4_000_000_000


@pytest.fixture
def person():
    return make_member(email="petr@example.org", name="Dvořák Petr")


class TestStart:
    def test_goes_to_the_provider_with_all_that_the_standard_asks_for(self, client, provider):
        address = urlsplit(start(client))
        assert f"{address.scheme}://{address.netloc}{address.path}" == f"{provider.issuer}/authorization"
        asked = parse_qs(address.query)
        assert asked["scope"] == ["openid email"]
        assert asked["redirect_uri"] == [f"http://testserver{CALLBACK}"]
        assert asked["code_challenge_method"] == ["S256"]
        assert min(len(asked[name][0]) for name in ("state", "nonce", "code_challenge")) >= 20

    def test_no_two_are_alike(self, client, provider):
        first, second = (parse_qs(urlsplit(start(client)).query) for _ in range(2))
        assert all(first[name] != second[name] for name in ("state", "nonce", "code_challenge"))

    def test_a_password_opens_nothing(self, client, provider, person):
        answer = client.post(LOGIN, {"username": person.email, "password": PASSWORD})
        assert answer["Location"].startswith(provider.issuer)
        assert not is_logged_in(client)

    @pytest.mark.logs_errors
    def test_a_provider_that_is_down_is_told_politely(self, client, provider):
        provider.stop()
        assert shows(client.get(LOGIN), "oidc_failed", 503)

    @pytest.mark.logs_errors
    def test_a_provider_that_is_another_is_not_believed(self, client, provider):
        provider.announced["issuer"] = "https://evil.example"
        assert shows(client.get(LOGIN), "oidc_failed", 503)

    def test_what_it_says_of_itself_is_read_once_a_minute(self, client, provider):
        start(client)
        start(client)
        assert provider.asked.count("/.well-known/openid-configuration") == 1


class TestSuccess:
    def test_opens_the_door_and_remembers_when_and_as_whom(self, client, provider, person):
        assert log_in(client, provider)["Location"] == "/"
        assert client.get("/profile/").context["user"] == person
        person.refresh_from_db()
        assert person.last_login is not None
        assert person.oidc_subject == SUBJECT

    def test_the_wanted_page_survives(self, client, provider, person):
        address = start(client, next="/events/?page=2")
        assert come_back(client, provider, address)["Location"] == "/events/?page=2"

    @pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/", "/\\evil.example/"])
    def test_a_foreign_one_is_not_followed(self, client, provider, person, wanted):
        assert come_back(client, provider, start(client, next=wanted))["Location"] == "/"

    def test_the_session_changes(self, client, provider, person):
        address = start(client)
        before = client.session.session_key
        come_back(client, provider, address)
        assert client.session.session_key != before
        assert not client.session.exists(before)

    def test_the_address_counts_in_any_case(self, client, provider, person):
        log_in(client, provider, email="Petr@Example.ORG")
        assert is_logged_in(client)

    def test_the_key_of_the_account_may_be_the_claim(self, client, provider, person, settings):
        settings.OIDC_PERSON_CLAIM = "medcover_id"
        log_in(client, provider, medcover_id=str(person.pk), email=None)
        assert is_logged_in(client)

    def test_a_thin_id_token_is_completed_by_the_page_about_the_person(self, client, provider, person):
        provider.userinfo = {"sub": SUBJECT, **EMAIL}
        log_in(client, provider, email=None, email_verified=None)
        assert is_logged_in(client)

    def test_but_not_by_that_of_somebody_else(self, client, provider, person):
        provider.userinfo = {"sub": "somebody else", **EMAIL}
        assert shows(log_in(client, provider, email=None, email_verified=None), "oidc_failed", 400)

    def test_new_keys_of_the_provider_are_noticed(self, client, provider, person):
        log_in(client, provider)
        client.post("/logout/")
        provider.key = provider.signing_key = new_key("second")
        log_in(client, provider)
        assert is_logged_in(client)

    def test_the_secret_may_travel_in_the_form(self, client, provider, person):
        provider.announced["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
        log_in(client, provider)
        assert is_logged_in(client)

    def test_two_windows_may_log_in_at_once(self, client, provider, person):
        first, second = start(client), start(client)
        assert come_back(client, provider, first)["Location"] == "/"
        assert shows(come_back(client, provider, second), "oidc_failed", 400)
        assert is_logged_in(client)

    def test_the_second_step_is_the_providers_matter(self, client, provider):
        make_admin(email="petr@example.org")
        SiteSettings.load()
        SiteSettings.objects.update(backoffice_requires_second_factor=True)
        log_in(client, provider)
        assert client.get("/admin/").status_code == 200


class TestBroken:
    """What is not in order ends in one page, without a word about the reason."""

    @pytest.mark.parametrize(
        "claims",
        [
            {"aud": "another client"},
            {"aud": None},
            {"aud": [CLIENT_ID, "another client"], "azp": "another client"},
            {"iss": "https://evil.example"},
            {"iss": None},
            {"exp": LONG_AGO},
            {"exp": None},
            {"iat": FAR_AHEAD},
            {"sub": None},
            {"nonce": "another nonce"},
            {"nonce": None},
        ],
        ids=repr,
    )
    def test_claims_that_do_not_fit(self, client, provider, person, claims):
        assert shows(log_in(client, provider, **claims), "oidc_failed", 400)
        assert not is_logged_in(client)

    @pytest.mark.parametrize("algorithm", ["none", "HS256"])
    def test_signatures_that_anybody_can_make(self, client, provider, person, algorithm):
        provider.algorithm = algorithm
        assert shows(log_in(client, provider), "oidc_failed", 400)

    def test_a_signature_by_another_key(self, client, provider, person):
        provider.signing_key = new_key("first")
        assert shows(log_in(client, provider), "oidc_failed", 400)

    def test_an_answer_without_an_id_token(self, client, provider, person):
        provider.left_out = {"id_token"}
        assert shows(log_in(client, provider), "oidc_failed", 400)

    def test_a_replayed_answer(self, client, provider, person):
        query = provider.log_in(start(client), **EMAIL)
        client.get(CALLBACK, query)
        client.post("/logout/")
        assert shows(client.get(CALLBACK, query), "oidc_failed", 400)
        assert not is_logged_in(client)

    def test_an_answer_meant_for_another_browser(self, client, provider, person):
        query = provider.log_in(start(Client()), **EMAIL)
        assert shows(client.get(CALLBACK, query), "oidc_failed", 400)
        assert not is_logged_in(client)

    def test_a_code_caught_on_the_way_is_worth_nothing(self, client, provider, person):
        """Whoever sends somebody else's code with a state of their own lacks the verifier."""
        stolen = provider.log_in(start(Client()), **EMAIL)["code"]
        own = provider.log_in(start(client), **EMAIL)
        assert shows(client.get(CALLBACK, {**own, "code": stolen}), "oidc_failed", 400)

    @pytest.mark.parametrize("query", [{}, {"state": "x"}, {"code": "x"}, {"code": "x", "state": "y"}])
    def test_nonsense(self, client, provider, query):
        assert shows(client.get(CALLBACK, query), "oidc_failed", 400)

    def test_a_refusal_by_the_provider_uses_the_attempt_up(self, client, provider, person):
        address = start(client)
        state = parse_qs(urlsplit(address).query)["state"][0]
        answer = client.get(CALLBACK, {"error": "access_denied", "error_description": "<b>no</b>", "state": state})
        assert shows(answer, "oidc_failed", 400)
        assert "<b>no</b>" not in answer.content.decode()
        assert shows(come_back(client, provider, address), "oidc_failed", 400)

    def test_only_the_newest_attempts_are_remembered(self, client, provider, person):
        addresses = [start(client) for _ in range(ATTEMPTS + 1)]
        assert shows(come_back(client, provider, addresses[0]), "oidc_failed", 400)
        assert come_back(client, provider, addresses[1])["Location"] == "/"

    def test_offers_another_try(self, client, provider):
        assert f'href="{LOGIN}"' in client.get(CALLBACK).content.decode()

    def test_the_log_holds_no_secret(self, client, provider, person, caplog):
        caplog.set_level(logging.DEBUG)
        address = start(client)
        come_back(client, provider, address, aud="another client")
        told = "\n".join(record.getMessage() for record in caplog.records if record.name != "roster.tests")
        assert "invalid_claim" in told
        assert CLIENT_SECRET not in told

    def test_needs_no_csrf_token_but_takes_no_post(self, client, provider):
        assert client.post(CALLBACK).status_code == 405
