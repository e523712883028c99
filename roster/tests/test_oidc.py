"""Logging in through an OpenID Connect provider, against a real little one on loopback."""

from __future__ import annotations

import logging
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, SESSION_KEY
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from medcover.settings import base
from medcover.settings.refusals import reasons_against_login
from medcover.system.models import AuditEntry, SiteSettings
from roster import services
from roster.models import User
from roster.oidc import ATTEMPTS, LOGOUT_EVENT
from roster.rights import Role
from roster.tests.factories import PASSWORD, UserFactory, make_admin, make_member
from roster.tests.provider import CLIENT_ID, CLIENT_SECRET, SUBJECT, Provider, new_key

pytestmark = pytest.mark.django_db

LOGIN = "/login/"
CALLBACK = "/login/oidc/callback/"
LOGGED_OUT = "/login/oidc/logged-out/"
BACKCHANNEL = "/login/oidc/backchannel-logout/"
LONG_AGO, FAR_AHEAD = 1_000_000_000, 4_000_000_000
EMAIL = {"email": "petr@example.org", "email_verified": True}


def _use(settings, mode: str) -> None:
    settings.AUTH_MODE = mode
    backends = base.AUTHENTICATION_BACKENDS
    settings.AUTHENTICATION_BACKENDS = [
        base.LOGIN_BACKEND[mode] if backend in base.LOGIN_BACKEND.values() else backend for backend in backends
    ]


@pytest.fixture
def provider(settings):
    cache.clear()
    running = Provider()
    _use(settings, "oidc")
    settings.OIDC_ISSUER = running.issuer
    settings.OIDC_DISCOVERY_URL = f"{running.issuer}/.well-known/openid-configuration"
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
    settings.OIDC_SCOPES, settings.OIDC_PERSON_CLAIM, settings.OIDC_ROLES_CLAIM = "openid email", "email", ""
    settings.OIDC_ACCOUNT_URL = ""
    yield running
    running.stop()
    cache.clear()


@pytest.fixture
def person():
    return make_member(email="petr@example.org", name="Dvořák Petr")


def start(client, **query) -> str:
    """Go to the login; return the address at the provider."""
    answer = client.get(LOGIN, query)
    assert answer.status_code == 302
    return str(answer["Location"])


def come_back(client, provider, address: str, **claims):
    return client.get(CALLBACK, provider.log_in(address, **{**EMAIL, **claims}))


def log_in(client, provider, **claims):
    return come_back(client, provider, start(client), **claims)


def is_logged_in(client) -> bool:
    return SESSION_KEY in client.session


def shows(answer, template: str, status: int) -> bool:
    return answer.status_code == status and f"registration/{template}.html" in [t.name for t in answer.templates]


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


class TestRefused:
    """People whom the provider knows and MedCover does not let in."""

    def refused(self, client, provider, **claims) -> str:
        answer = log_in(client, provider, **claims)
        assert shows(answer, "oidc_refused", 403)
        assert not is_logged_in(client)
        return str(answer.context["reason"])

    def test_an_unknown_address_makes_no_account(self, client, provider):
        self.refused(client, provider)
        assert not User.objects.exists()

    @pytest.mark.parametrize("verified", [False, None, "no"])
    def test_an_address_that_nobody_has_verified(self, client, provider, person, verified):
        self.refused(client, provider, email_verified=verified)

    @pytest.mark.parametrize("value", ["00000000-0000-4000-8000-000000000000", "1", "", None, ["x"]])
    def test_a_key_of_no_account(self, client, provider, person, settings, value):
        settings.OIDC_PERSON_CLAIM = "medcover_id"
        self.refused(client, provider, medcover_id=value)

    def test_each_state_has_its_own_sentence(self, client, provider):
        UserFactory(email="gone@example.org", is_active=False, is_archived=True)
        UserFactory(email="waiting@example.org", is_active=False)
        emails = ["gone@example.org", "waiting@example.org", "nobody@example.org"]
        assert len({self.refused(client, provider, email=email) for email in emails}) == 3

    @pytest.mark.parametrize("roles", [None, [], ["boss"], ["Admin"], "boss"])
    def test_nobody_without_a_known_role(self, client, provider, person, settings, roles):
        settings.OIDC_ROLES_CLAIM = "medcover_roles"
        self.refused(client, provider, medcover_roles=roles)
        assert person.groups.count() == 1

    def test_ends_the_sessions_that_they_have(self, client, provider, person, settings):
        inside = Client()
        log_in(inside, provider)
        settings.OIDC_ROLES_CLAIM = "medcover_roles"
        self.refused(client, provider)
        assert inside.get("/profile/").status_code == 302

    def test_the_page_logs_out_at_the_provider(self, client, provider):
        self.refused(client, provider)
        answer = client.post("/logout/")
        assert answer["Refresh"].startswith(f"0; url={provider.issuer}/end_session?id_token_hint=")


class TestRoles:
    @pytest.fixture(autouse=True)
    def claim(self, provider, settings):
        settings.OIDC_ROLES_CLAIM = "medcover_roles"

    def test_replace_those_of_the_account_and_that_is_recorded(self, client, provider, person):
        version = person.version
        log_in(client, provider, medcover_roles=["coordinator", "debriefing-manager", "boss"])
        person = User.objects.get()
        assert set(person.roles) == {Role.COORDINATOR, Role.DEBRIEFING_MANAGER}
        assert person.version == version + 1
        assert AuditEntry.objects.filter(object_pk=str(person.pk), changes__has_key="groups").exists()

    def test_that_are_the_same_leave_no_trace(self, client, provider, person):
        about = AuditEntry.objects.filter(object_pk=str(person.pk))
        before = about.count()
        log_in(client, provider, medcover_roles=["member"])
        person.refresh_from_db()
        assert (person.version, about.count()) == (1, before)
        assert is_logged_in(client)

    def test_one_may_be_a_word_instead_of_a_list(self, client, provider, person):
        log_in(client, provider, medcover_roles="technician")
        assert User.objects.get().roles == [Role.TECHNICIAN]

    def test_stay_local_without_a_claim(self, client, provider, person, settings):
        settings.OIDC_ROLES_CLAIM = ""
        log_in(client, provider, medcover_roles=["admin"])
        assert User.objects.get().roles == [Role.MEMBER]


class TestLogout:
    def test_ends_the_session_at_the_provider_too(self, client, provider, person):
        log_in(client, provider)
        answer = client.post("/logout/")
        assert not is_logged_in(client)
        address = urlsplit(answer["Refresh"].removeprefix("0; url="))
        assert address.path == "/end_session"
        query = parse_qs(address.query)
        assert query["post_logout_redirect_uri"] == [f"http://testserver{LOGGED_OUT}"]
        assert query["client_id"] == [CLIENT_ID]
        assert query["id_token_hint"][0].count(".") == 2
        assert client.get(LOGGED_OUT).status_code == 200

    @pytest.mark.parametrize("trouble", ["no such page", "down"])
    def test_works_without_the_provider(self, client, provider, person, trouble):
        log_in(client, provider)
        cache.clear()
        provider.left_out = {"end_session_endpoint"}
        if trouble == "down":
            provider.stop()
        assert client.post("/logout/")["Location"] == LOGGED_OUT
        assert not is_logged_in(client)

    def test_needs_a_form(self, client, provider, person):
        log_in(client, provider)
        assert client.get("/logout/").status_code == 405
        assert is_logged_in(client)


class TestBackchannelLogout:
    def token(self, provider, **claims) -> str:
        standard = {"iss": provider.issuer, "aud": CLIENT_ID, "sub": SUBJECT, "iat": int(time.time()), "jti": "1"}
        return provider.sign({**standard, "exp": int(time.time()) + 60, "events": {LOGOUT_EVENT: {}}, **claims})

    def test_ends_all_sessions_of_the_person(self, client, provider, person):
        other = Client()
        log_in(client, provider)
        log_in(other, provider)
        strict = Client(enforce_csrf_checks=True)
        assert strict.post(BACKCHANNEL, {"logout_token": self.token(provider)}).status_code == 200
        assert [browser.get("/profile/").status_code for browser in (client, other)] == [302, 302]

    @pytest.mark.parametrize(
        "claims",
        [
            {"iss": "https://evil.example"},
            {"aud": "another client"},
            {"sub": None},
            {"iat": None},
            {"iat": FAR_AHEAD},
            {"exp": LONG_AGO},
            {"events": None},
            {"events": {"another": {}}},
            {"nonce": "one"},
        ],
        ids=repr,
    )
    def test_believes_only_what_is_in_order(self, client, provider, person, claims):
        log_in(client, provider)
        assert Client().post(BACKCHANNEL, {"logout_token": self.token(provider, **claims)}).status_code == 400
        assert client.get("/profile/").status_code == 200

    @pytest.mark.parametrize("algorithm", ["none", "HS256"])
    def test_believes_no_signature_that_anybody_can_make(self, client, provider, person, algorithm):
        log_in(client, provider)
        provider.algorithm = algorithm
        assert Client().post(BACKCHANNEL, {"logout_token": self.token(provider)}).status_code == 400
        assert client.get("/profile/").status_code == 200

    def test_nonsense_does_not_make_us_ask_the_provider_again_and_again(self, client, provider):
        provider.signing_key = new_key("unknown")
        for token in ("", "x", "a.b.c", self.token(provider)):
            assert client.post(BACKCHANNEL, {"logout_token": token}).status_code == 400
        assert provider.asked.count("/keys") <= 1

    def test_an_id_token_is_no_logout_token(self, client, provider, person):
        log_in(client, provider)
        id_token = client.session["oidc_id_token"]
        assert Client().post(BACKCHANNEL, {"logout_token": id_token}).status_code == 400


class TestModes:
    LOCAL = ["/password/forgotten/", "/password/new/", "/password/new/token/", "/register/token/", "/login/code/"]
    OWN = ["/profile/password/", "/profile/second-factor/", "/profile/second-factor/setup/"]

    @pytest.mark.parametrize("address", LOCAL)
    def test_with_a_provider_there_are_no_ways_to_a_password(self, client, provider, address):
        assert client.get(address).status_code == 404
        assert client.post(address).status_code == 404

    @pytest.mark.parametrize("address", OWN)
    def test_nor_to_change_one(self, client, provider, person, address):
        log_in(client, provider)
        assert client.get(address).status_code == 404
        assert client.post(address, {"current": PASSWORD}).status_code == 404

    def test_the_profile_leads_to_the_provider_instead(self, client, provider, person, settings):
        settings.OIDC_ACCOUNT_URL = "https://login.example/account"
        log_in(client, provider)
        page = client.get("/profile/").content.decode()
        assert 'href="https://login.example/account"' in page
        assert "/profile/password/" not in page
        assert reverse("roster:second_factor") not in page

    @pytest.mark.parametrize("address", [CALLBACK, LOGGED_OUT, BACKCHANNEL])
    def test_without_a_provider_there_are_none_of_its_addresses(self, client, address):
        assert client.get(address).status_code == 404
        assert client.post(address).status_code == 404

    def test_changing_the_mode_ends_the_sessions_of_the_other(self, client, provider, person, settings):
        log_in(client, provider)
        assert client.session[BACKEND_SESSION_KEY] == "roster.backends.ProviderBackend"
        _use(settings, "local")
        assert client.get("/profile/").status_code == 302
        client.post(LOGIN, {"username": person.email, "password": PASSWORD})
        assert client.get("/profile/").status_code == 200
        _use(settings, "oidc")
        assert client.get("/profile/").status_code == 302

    def test_rights_are_the_same(self, client, provider):
        admin = make_admin(email="petr@example.org")
        log_in(client, provider)
        assert client.get("/admin/").status_code == 200
        services.deactivate(admin.pk, by=None, at=timezone.now())
        assert client.get("/admin/", follow=False).status_code == 302


class TestConfiguration:
    FULL = {
        "AUTH_MODE": "oidc",
        "OIDC_ISSUER": "https://login.example",
        "OIDC_CLIENT_ID": "medcover",
        "OIDC_CLIENT_SECRET": "secret",
    }

    @pytest.mark.parametrize("environ", [{}, {"AUTH_MODE": "local"}, {"AUTH_MODE": "local", "OIDC_ISSUER": ""}, FULL])
    def test_that_may_start(self, environ):
        assert list(reasons_against_login(environ)) == []

    @pytest.mark.parametrize("mode", ["", "OIDC", "ldap", "local,oidc"])
    def test_another_mode_may_not(self, mode):
        (reason,) = reasons_against_login({**self.FULL, "AUTH_MODE": mode})
        assert "AUTH_MODE" in reason

    @pytest.mark.parametrize("name", ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"])
    def test_half_a_configuration_may_not(self, name):
        (reason,) = reasons_against_login({**self.FULL, name: " "})
        assert name in reason

    def test_the_scope_of_the_standard_must_be_asked_for(self):
        (reason,) = reasons_against_login({**self.FULL, "OIDC_SCOPES": "email profile"})
        assert "OIDC_SCOPES" in reason
