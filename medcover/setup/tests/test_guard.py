"""Nothing but the wizard on an empty database, nothing of the wizard ever after."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import call_command
from django.test import Client, override_settings
from django.urls import Resolver404, resolve

from events.demo import build
from medcover.setup import state
from medcover.setup.middleware import STEPS
from medcover.setup.tests.addresses import every_address
from medcover.system.models import AuditEntry, SiteSettings
from medcover.system.services import complete_setup
from roster.models import User
from roster.tests.factories import PASSWORD, make_admin, make_member

pytestmark = pytest.mark.django_db

WIZARD = ("/setup/", "/setup/mail/", "/setup/administrator/")
#: Answered without asking how the site is set up; some are not there at all without configuration.
OPEN = {"/healthz", "/readyz", "/metrics", "/csp-report", "/sw.js", "/manifest.webmanifest", *WIZARD}


def set_up() -> None:
    SiteSettings.objects.update_or_create(pk=1, defaults={"setup_complete": True})


class TestAnEmptyDatabase:
    def test_every_address_leads_to_the_first_step(self, client):
        elsewhere = [address for address in every_address() if address not in OPEN]
        assert len(elsewhere) > 60
        answers = {address: client.get(address) for address in elsewhere}
        wrong = {
            address: answer.status_code for address, answer in answers.items() if answer.get("Location") != "/setup/"
        }
        assert wrong == {}

    def test_the_examples_are_addresses_of_the_site(self):
        unknown = []
        for address in every_address():
            try:
                resolve(address)
            except Resolver404:
                unknown.append(address)
        assert unknown == []

    @pytest.mark.parametrize(
        "address", ["/no/such/page/", "/setup", "/setup/else/", "/setup/../login/", "/login/?next=/setup/", "/healt"]
    )
    def test_so_does_whatever_is_no_address(self, client, address):
        assert client.get(address)["Location"] == "/setup/"

    @pytest.mark.parametrize("method", ["post", "put", "delete", "head", "options", "patch"])
    def test_so_does_every_other_method(self, method):
        client = Client(enforce_csrf_checks=True)
        assert getattr(client, method)("/login/")["Location"] == "/setup/"

    def test_nobody_can_log_in(self, client):
        client.post("/login/", {"username": "a@example.org", "password": PASSWORD})
        assert "_auth_user_id" not in client.session

    def test_the_health_check_and_static_files_answer(self, client):
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/static/favicon.svg").status_code == 200
        assert client.get("/static/missing.css").status_code == 404

    def test_the_first_step_answers_and_the_others_lead_to_it(self, client):
        assert client.get("/setup/").status_code == 200
        assert [client.get(address)["Location"] for address in WIZARD[1:]] == ["/setup/"] * 2

    def test_the_wizard_knows_its_own_pages(self):
        assert {resolve(address).view_name for address in WIZARD} == set(STEPS)


class TestOnceSetUp:
    @pytest.fixture(params=[set_up, make_member], ids=["finished", "with an account"])
    def site(self, request):
        request.param()

    @pytest.mark.parametrize("address", [*WIZARD, "/setup/done/"])
    def test_the_steps_are_gone(self, client, site, address):
        answers = client.get(address), client.post(address, {"organisation_name": "Cizí"})
        expected = "/login/?next=/setup/done/" if "done" in address else "/"
        assert answers[0]["Location"] == expected
        assert answers[1].status_code == 302
        assert SiteSettings.load().organisation_name == ""
        assert not User.objects.filter(name="Cizí").exists()

    def test_other_pages_are_back(self, client, site):
        assert client.get("/login/").status_code == 200
        assert client.get("/events/")["Location"] == "/login/?next=/events/"

    def test_whoever_is_logged_in_goes_to_the_dashboard(self, client, site):
        client.force_login(make_admin())
        assert [client.get(address)["Location"] for address in (*WIZARD, "/setup/done/")] == ["/"] * 4


class TestWhatItCosts:
    def test_one_query_beside_the_settings_row_until_it_is_known(self, django_assert_max_num_queries):
        site = SiteSettings.load()
        with django_assert_max_num_queries(1):
            assert not state.is_complete(site)

    def test_none_once_it_is_known(self, django_assert_num_queries):
        set_up()
        assert state.is_complete(SiteSettings.load())
        with django_assert_num_queries(0):
            assert state.is_complete()

    def test_an_unfinished_installation_is_asked_again(self, client):
        assert client.get("/login/")["Location"] == "/setup/"
        set_up()
        assert client.get("/login/").status_code == 200


class TestOlderInstallations:
    migration = import_module("medcover.system.migrations.0007_set_up_before_the_wizard")

    def test_one_with_accounts_is_complete(self):
        make_member(is_active=False)
        self.migration.mark_set_up(apps, None)
        assert SiteSettings.load().setup_complete

    def test_its_settings_stay(self):
        make_member()
        SiteSettings.objects.create(pk=1, organisation_name="ČČK Praha 1")
        self.migration.mark_set_up(apps, None)
        assert (SiteSettings.load().organisation_name, SiteSettings.load().setup_complete) == ("ČČK Praha 1", True)

    def test_an_empty_one_is_not(self):
        self.migration.mark_set_up(apps, None)
        assert not SiteSettings.objects.filter(setup_complete=True).exists()


class TestCompleting:
    def test_is_recorded_once(self):
        admin = make_admin()
        SiteSettings.load()
        complete_setup(by=admin)
        complete_setup(by=admin)
        (entry,) = AuditEntry.objects.filter(actor=admin, changes__has_key="setup_complete")
        assert (entry.actor, entry.changes["setup_complete"]) == (admin, ["False", "True"])

    @override_settings(DEVELOPMENT_LOGIN=True)
    def test_the_demo_data_are_a_whole_installation(self, monkeypatch):
        monkeypatch.setattr(build, "EVENTS", ())
        call_command("seed_demo", verbosity=0)
        assert SiteSettings.load().setup_complete
