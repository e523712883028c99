"""What must not be possible, whoever tries."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, path, reverse
from django.utils import timezone

from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from medcover.common.logs import HideFeedTokens
from roster import services
from roster.backends import RoleBackend
from roster.tests.factories import PASSWORD, UserFactory, make_admin, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

LOGIN = "/login/"

FOREIGN = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "http:evil.example",
    "javascript:alert(1)",
    "/\t/evil.example/",
    " //evil.example/",
    "evil.example",
    "http://testserver@evil.example/",
    "http://testserver/events/",
    "http://[",
]


@pytest.fixture
def person():
    return make_member(email="petr@example.org")


def log_in(client, **more):
    return client.post(LOGIN, {"username": "petr@example.org", "password": PASSWORD, **more})


class TestReturnAddress:
    @pytest.mark.parametrize("wanted", FOREIGN)
    def test_a_foreign_one_is_not_followed(self, client, person, wanted):
        assert log_in(client, next=wanted)["Location"] == "/"

    @pytest.mark.parametrize("wanted", FOREIGN)
    def test_a_foreign_one_is_not_kept_in_the_form(self, client, wanted):
        assert client.get(LOGIN, {"next": wanted}).context["next"] == ""

    @pytest.mark.parametrize("wanted", FOREIGN)
    def test_the_switch_of_colours_follows_none(self, client, person, wanted):
        client.force_login(person)
        assert client.post("/profile/theme/", {"next": wanted})["Location"] == "/"

    @pytest.mark.parametrize("wanted", FOREIGN)
    def test_nor_does_an_action_on_many_rows(self, client, wanted):
        client.force_login(make_admin())
        address = reverse("admin:roster_user_bulk", args=["add_role_member"])
        home = reverse("admin:roster_user_changelist")
        assert client.post(address, {"ids": "", "next": wanted})["Location"] == home

    def test_nor_does_logging_out(self, client, person):
        client.force_login(person)
        assert client.post("/logout/", {"next": "https://evil.example/"})["Location"] == LOGIN

    def test_an_own_one_is_followed(self, client, person):
        assert log_in(client, next="/events/?page=2")["Location"] == "/events/?page=2"

    def test_it_survives_a_wrong_password(self, client, person):
        answer = client.post(LOGIN, {"username": "petr@example.org", "password": "wrong", "next": "/events/7/"})
        assert 'name="next" value="/events/7/"' in " ".join(answer.content.decode().split())

    def test_it_survives_a_refused_account(self, client):
        UserFactory(email="petr@example.org", is_active=False)
        assert log_in(client, next="/events/7/").context["next"] == "/events/7/"


class TestSession:
    def test_a_planted_one_is_not_taken_over(self, client, person):
        session = client.session
        session["planted"] = True
        session.save()
        planted = session.session_key
        log_in(client)
        assert client.session.session_key != planted
        assert not client.session.exists(planted)

    def test_another_person_inherits_nothing(self, client, person):
        client.force_login(make_member())
        session = client.session
        session["secret"] = "of the first"
        session.save()
        client.force_login(person)
        assert "secret" not in client.session

    def test_the_csrf_secret_changes_with_the_login(self, person):
        client = Client(enforce_csrf_checks=True)
        client.get(LOGIN)
        before = client.cookies["csrftoken"].value
        log_in(client, csrfmiddlewaretoken=before)
        assert client.cookies["csrftoken"].value != before

    @pytest.mark.parametrize("end", [services.deactivate, services.archive])
    def test_ends_with_the_account_on_the_next_request(self, client, person, end):
        client.force_login(person)
        assert client.get("/profile/").status_code == 200
        end(person.pk, by=make_admin(), at=timezone.now())
        assert client.get("/profile/")["Location"] == "/login/?next=/profile/"

    def test_is_not_granted_to_an_inactive_account_by_any_way(self):
        gone = UserFactory(is_active=False)
        assert RoleBackend().get_user(gone.pk) is None

    def test_its_cookie_is_out_of_reach_for_scripts(self, client, person):
        log_in(client)
        cookie = client.cookies["sessionid"]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"

    def test_it_slides(self, client, person):
        log_in(client)
        client.get("/profile/")
        assert client.session.get_expiry_age() == timedelta(hours=24).total_seconds()
        assert client.cookies["sessionid"]["max-age"] == timedelta(hours=24).total_seconds()


class TestCsrf:
    @pytest.mark.parametrize(
        "address",
        [
            "/logout/",
            "/profile/",
            "/profile/preferences/",
            "/profile/password/",
            "/profile/theme/",
            "/profile/calendar-link/own/",
        ],
    )
    def test_every_change_needs_its_token(self, person, address):
        client = Client(enforce_csrf_checks=True)
        client.force_login(person)
        before = person.ical_token
        answer = client.post(address, {"theme": "dark", "phone": "777123456"})
        assert answer.status_code == 403
        assert "403_csrf.html" in [template.name for template in answer.templates]
        person.refresh_from_db()
        assert (person.ical_token, person.theme, person.phone) == (before, "auto", "")
        assert SESSION_KEY in client.session

    def test_so_does_the_login(self, person):
        client = Client(enforce_csrf_checks=True)
        assert log_in(client).status_code == 403


#: Reached without a login, each for a reason of its own.
OPEN = {
    "healthz",
    "readyz",
    "metrics",
    "csp_report",
    "push:slack",
    "public:board",
    "public:kiosk",
    "public:kiosk_location",
    "public:item",
    "public:report",
    "public:confirmation",
    "public:info",
    "public:file",
    "guides:home",
    "guides:guide",
    "push:worker",
    "push:manifest",
    "login",
    "second_step",
    "oidc_callback",
    "oidc_logged_out",
    "oidc_backchannel_logout",
    "logout",
    "ical",
    "register",
    "forgotten_password",
    "new_password",
    "reset_link",
    "admin:login",
    "roster:theme",
    "setup:organisation",
    "setup:mail",
    "setup:administrator",
}


def _named_patterns(resolver: URLResolver, prefix: str = "") -> list[tuple[str, URLPattern]]:
    found = []
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            found += _named_patterns(entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)
        else:
            found.append((f"{prefix}{entry.name}", entry))
    return found


class TestDoors:
    def test_only_the_known_addresses_are_open_to_strangers(self):
        opened = {
            name
            for name, pattern in _named_patterns(get_resolver())
            if not getattr(pattern.callback, "login_required", True) and pattern.name
        }
        assert opened <= OPEN

    @pytest.mark.parametrize(
        "address", ["/", "/events/", "/events/1/", "/profile/", "/admin/", "/profile/calendar-guide/"]
    )
    def test_a_stranger_is_sent_to_the_login(self, client, address):
        assert client.get(address)["Location"] == f"/login/?next={address}"

    @pytest.mark.parametrize("make", [make_member, make_viewer])
    def test_the_backoffice_refuses_people_without_its_right(self, client, make):
        client.force_login(make())
        assert client.get("/admin/", follow=True).status_code == 403

    def test_the_backoffice_lets_coordinators_in(self, client):
        client.force_login(make_coordinator())
        assert client.get("/admin/").status_code == 200

    def test_the_backoffice_has_no_password_page_of_its_own(self, client):
        client.force_login(make_admin())
        assert client.get("/admin/password_change/")["Location"] == "/profile/"


def refusing(error: Exception):
    def view(request):
        raise error

    view.login_required = False
    return view


class Broken:
    """Addresses that go wrong in every way."""

    urlpatterns = [
        path("login/", lambda request: HttpResponse(), name="login"),
        path("not-allowed/", refusing(NotAllowed("Sem smí jen koordinátor."))),
        path("refused/", refusing(DomainError("Místo už je obsazené."))),
        path("stale/", refusing(StaleRecord())),
        path("bug/", refusing(RuntimeError("petr@example.org"))),
    ]


class TestFriendlyPages:
    @pytest.fixture
    def broken(self, settings):
        settings.ROOT_URLCONF = Broken
        return Client(raise_request_exception=False)

    def test_not_found(self, client, person):
        client.force_login(person)
        answer = client.get("/no/such/page/")
        assert answer.status_code == 404
        assert "404.html" in [template.name for template in answer.templates]

    def test_a_right_that_lacks_answers_with_its_sentence(self, broken):
        answer = broken.get("/not-allowed/")
        assert answer.status_code == 403
        assert "Sem smí jen koordinátor." in answer.content.decode()

    @pytest.mark.parametrize("address", ["/refused/", "/stale/"])
    def test_a_refusal_that_no_view_caught(self, broken, address):
        answer = broken.get(address)
        assert answer.status_code == 409
        assert "refused.html" in [template.name for template in answer.templates]

    @pytest.mark.parametrize("address", ["/refused/", "/not-allowed/"])
    def test_a_refusal_in_the_background_joins_the_messages_of_the_page(self, broken, address):
        answer = broken.post(address, headers={"HX-Request": "true"})
        assert (answer.status_code, answer["HX-Retarget"], answer["HX-Reswap"]) == (409, "#messages", "beforeend")
        assert answer.content.decode().lstrip().startswith('<div class="message')

    @pytest.mark.logs_errors
    def test_a_mistake_of_ours_shows_nothing_of_it(self, broken):
        answer = broken.get("/bug/")
        assert answer.status_code == 500
        assert "500.html" in [template.name for template in answer.templates]
        assert "petr@example.org" not in answer.content.decode()

    @pytest.mark.parametrize("host", ["evil.example", "bad host"])
    @pytest.mark.logs_errors
    def test_a_request_for_another_host(self, client, host):
        assert client.get("/login/", headers={"Host": host}).status_code == 400


class TestLanguage:
    def test_strangers_read_czech_whatever_their_browser_prefers(self, client):
        answer = client.get(LOGIN, headers={"Accept-Language": "en"})
        assert answer["Content-Language"] == "cs"
        assert '<html lang="cs"' in answer.content.decode()

    def test_people_read_their_own_language(self, client):
        client.force_login(make_member(language="en"))
        answer = client.get("/profile/")
        assert answer["Content-Language"] == "en"
        assert "My profile" in answer.content.decode()


class TestLogs:
    TOKEN = "0123456789abcdef" * 4

    def mask(self, message: str, *args: object) -> str:
        record = logging.LogRecord("django.request", logging.WARNING, "", 0, message, args, None)
        assert HideFeedTokens().filter(record)
        return record.getMessage()

    def test_a_feed_that_is_not_found_is_logged_without_its_secret(self):
        assert self.mask("%s: %s", "Not Found", f"/ical/{self.TOKEN}.ics") == "Not Found: /ical/***"

    @pytest.mark.parametrize("beginning", ["/register/", "/password/new/"])
    def test_nor_does_a_link_from_a_mail_get_into_the_log(self, beginning):
        assert self.mask("Bad Request: %s", f"{beginning}{self.TOKEN}/") == f"Bad Request: {beginning}***/"

    def test_nor_does_a_line_of_the_development_server_tell_it(self):
        line = self.mask('"%s" %s %s', f"GET /ical/{self.TOKEN}.ics?x=1 HTTP/1.1", "200", "12")
        assert line == '"GET /ical/***?x=1 HTTP/1.1" 200 12'

    def test_other_lines_stay_as_they_are(self):
        assert self.mask("Not Found: %s", "/events/1/") == "Not Found: /events/1/"

    def test_everything_that_is_written_passes_the_filter(self, settings):
        handlers = settings.LOGGING["handlers"].values()
        assert all("feed_tokens" in handler["filters"] for handler in handlers)
