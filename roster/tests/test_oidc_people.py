"""Whom the provider brings in with which roles, how they leave, and what exists in which mode."""

from __future__ import annotations

import time
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from medcover.backoffice.tests.pages import form_data
from medcover.settings.refusals import reasons_against_login
from medcover.system.models import AuditEntry
from roster import services
from roster.models import Invitation, User
from roster.oidc import LOGOUT_EVENT
from roster.rights import Role
from roster.tests.factories import PASSWORD, UserFactory, make_admin, make_member
from roster.tests.logins import CALLBACK, LOGIN, is_logged_in, log_in, shows, use_mode
from roster.tests.provider import CLIENT_ID, SUBJECT, new_key

pytestmark = pytest.mark.django_db

LOGGED_OUT = "/login/oidc/logged-out/"
INVITATIONS = "/admin/roster/invitation/"
BACKCHANNEL = "/login/oidc/backchannel-logout/"
LONG_AGO, FAR_AHEAD = 1_000_000_000, 4_000_000_000


@pytest.fixture
def person():
    return make_member(email="petr@example.org", name="Dvořák Petr")


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

    def test_without_an_address_of_the_account_it_still_says_where_passwords_are(self, client, provider, person):
        person.language = "en"
        person.save()
        log_in(client, provider)
        page = " ".join(client.get("/profile/").content.decode().split())
        assert "Account security" in page
        assert "You log in with the account of your organisation." in page

    @pytest.mark.parametrize(
        "address",
        [
            INVITATIONS,
            f"{INVITATIONS}add/",
            f"{INVITATIONS}1/",
            f"{INVITATIONS}1/change/",
            f"{INVITATIONS}1/history/",
            f"{INVITATIONS}1/delete/",
            f"{INVITATIONS}1/resend/",
            f"{INVITATIONS}1/cancel/",
        ],
    )
    def test_nobody_is_invited(self, client, provider, address):
        make_admin(email="petr@example.org")
        log_in(client, provider)
        assert client.get(address).status_code == 404
        assert client.post(address, {"addresses": "jana@example.org"}).status_code == 404
        assert not Invitation.objects.exists()

    def test_nor_is_anybody_led_there(self, client, provider):
        make_admin(email="petr@example.org")
        log_in(client, provider)
        for page in ("/admin/", "/admin/roster/user/", "/admin/roster/user/add/"):
            assert INVITATIONS not in client.get(page).content.decode()

    def test_administrators_set_no_passwords(self, client, provider, person):
        admin = make_admin(email="admin@example.org")
        log_in(client, provider, email=admin.email)
        page = reverse("admin:roster_user_change", args=[person.pk])
        answer = client.get(page)
        assert "new_password" not in answer.content.decode()
        assert client.post(page, form_data(answer, new_password="nové heslo 1", name="Jiné")).status_code == 302
        person.refresh_from_db()
        assert person.name == "Jiné"
        assert person.check_password(PASSWORD)

    def test_a_new_account_is_not_promised_one(self, client, provider):
        make_admin(email="petr@example.org", language="en")
        log_in(client, provider)
        page = " ".join(client.get(reverse("admin:roster_user_add")).content.decode().split())
        assert "Forgotten password" not in page
        assert "logs in with the account of your organisation" in page

    @pytest.mark.parametrize("address", [CALLBACK, LOGGED_OUT, BACKCHANNEL])
    def test_without_a_provider_there_are_none_of_its_addresses(self, client, address):
        assert client.get(address).status_code == 404
        assert client.post(address).status_code == 404

    def test_changing_the_mode_ends_the_sessions_of_the_other(self, client, provider, person, settings):
        log_in(client, provider)
        assert client.session[BACKEND_SESSION_KEY] == "roster.backends.ProviderBackend"
        use_mode(settings, "local")
        assert client.get("/profile/").status_code == 302
        client.post(LOGIN, {"username": person.email, "password": PASSWORD})
        assert client.get("/profile/").status_code == 200
        use_mode(settings, "oidc")
        assert client.get("/profile/").status_code == 302

    def test_rights_are_the_same(self, client, provider):
        admin, _other = make_admin(email="petr@example.org"), make_admin()
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
