"""The addresses of an installation with a key: who gets what, and that nothing shows without one."""

from __future__ import annotations

import json

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from medcover.system.models import SiteSettings
from medcover.tests.access import LEFT, LOGIN, PEOPLE, ROLES, log_in, posted, told
from notifications.models import PushSubscription
from notifications.tests.push.devices import subscribed
from roster.tests.factories import make_member

pytestmark = pytest.mark.django_db

PROFILE, WORKER, MANIFEST = "/profile/", "/sw.js", "/manifest.webmanifest"
CHOICES, SUBSCRIBE = "/profile/push/", "/profile/push/subscribe/"
#: Answers to whoever is logged in.
PAGES: dict[str, int | str] = {CHOICES: "→ /profile/#push", SUBSCRIBE: 405}


@pytest.mark.parametrize("who", PEOPLE)
def test_who_gets_what(who):
    client = log_in(who)
    device = subscribed(make_member())
    removing = f"/profile/push/{device.pk}/remove/"
    assert {path: told(client.get(path)) for path in (WORKER, MANIFEST)} == {WORKER: 200, MANIFEST: 200}
    inside = {**PAGES, removing: 405} if who in ROLES else dict.fromkeys([*PAGES, removing], LOGIN)
    assert {path: told(client.get(path)) for path in inside} == inside
    answer, written = posted(client, removing)
    assert answer == ("→ /profile/#push" if who in ROLES else LOGIN)
    assert (written, PushSubscription.objects.count()) == ([], 1)


@pytest.mark.parametrize("who", ["anonymous", *LEFT])
def test_whoever_is_not_logged_in_writes_nothing(who):
    client = log_in(who)
    SiteSettings.load()
    assert {path: posted(client, path) for path in PAGES} == dict.fromkeys(PAGES, (LOGIN, []))


class TestWorker:
    def test_is_in_charge_of_the_whole_site_and_always_fresh(self, client):
        answer = client.get(WORKER)
        assert answer["Content-Type"] == "text/javascript; charset=utf-8"
        assert answer["Service-Worker-Allowed"] == "/"
        assert "no-cache" in answer["Cache-Control"]
        assert "'self'" in answer["Content-Security-Policy"]
        assert b"notificationclick" in answer.content

    def test_that_was_not_built_is_not_found(self, client, monkeypatch):
        monkeypatch.setattr(finders, "find", lambda *_args, **_options: None)
        assert client.get(WORKER).status_code == 404

    @pytest.mark.parametrize("path", [WORKER, MANIFEST])
    def test_nothing_is_asked_of_the_database(self, path, django_assert_num_queries):
        client = log_in("member")
        with django_assert_num_queries(0):
            assert client.get(path).status_code == 200

    def test_takes_no_form(self, client):
        assert client.post(WORKER).status_code == 405


def test_the_manifest_makes_an_application_of_the_site(client):
    answer = client.get(MANIFEST)
    assert answer["Content-Type"] == "application/manifest+json"
    described = json.loads(answer.content)
    assert (described["start_url"], described["scope"], described["display"]) == ("/", "/", "standalone")
    assert {icon["sizes"] for icon in described["icons"]} == {"192x192", "512x512"}
    for icon in described["icons"]:
        assert finders.find(icon["src"].removeprefix("/static/")), icon


def test_pages_name_the_manifest_also_before_the_login(client):
    assert MANIFEST in client.get("/login/").content.decode()


class TestWithoutAKey:
    @pytest.fixture(autouse=True)
    def _no_key(self, settings):
        settings.VAPID_PRIVATE_KEY = ""

    @pytest.fixture
    def client(self):
        client = Client()
        client.force_login(make_member())
        return client

    @pytest.mark.parametrize("path", [WORKER, MANIFEST, CHOICES, SUBSCRIBE])
    def test_there_are_no_such_addresses(self, client, path):
        assert (client.get(path).status_code, client.post(path).status_code) == (404, 404)

    def test_the_profile_says_nothing_of_it_and_reads_no_table(self, client):
        with CaptureQueriesContext(connection) as captured:
            page = client.get(PROFILE).content.decode()
        assert "data-push" not in page
        assert MANIFEST not in page
        assert 'id="push"' not in page
        assert not [query for query in captured.captured_queries if "_push" in query["sql"]]
