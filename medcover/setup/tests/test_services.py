"""Two who finish at once, and the operator's way."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from events.models import MasterEvent
from medcover.setup import services, state
from medcover.setup.services import SetupOver
from medcover.system.models import AuditEntry, SiteSettings
from medcover.tests.threads import Hesitation, refusals, together
from notifications.models import OutboxMessage
from roster.management.commands import seed_admin
from roster.models import User
from roster.rights import Role, fill_roles
from roster.services import archive
from roster.tests.factories import make_admin, make_member

pytestmark = pytest.mark.django_db

EVA = {"name": "Adminová Eva", "email": "eva@example.org", "password": "velmi tajné"}
JAN = {"name": "Novák Jan", "email": "jan@example.org", "password": "taky tajné"}


class TestFinishing:
    def test_makes_what_every_installation_begins_with(self):
        Group.objects.all().delete()
        MasterEvent.objects.all().delete()
        eva = services.finish(**EVA)
        assert set(Group.objects.values_list("name", flat=True)) == {role.value for role in Role}
        assert eva.has_perm("system.manage_settings")
        assert not eva.has_perm("debriefing.view_all_debriefings")
        assert MasterEvent.objects.get().is_general

    def test_is_attributed_to_the_administrator(self):
        eva = services.finish(**EVA)
        assert AuditEntry.objects.filter(actor=eva, changes__has_key="setup_complete").exists()
        assert "tajné" not in str(list(AuditEntry.objects.values()))

    @pytest.mark.parametrize(
        "typed", [{"password": "krátké"}, {"email": "eva"}, {"email": ""}, {"name": "  "}, {"name": "x" * 256}]
    )
    def test_a_refusal_leaves_nothing_behind(self, typed):
        with pytest.raises(ValidationError):
            services.finish(**{**EVA, **typed})
        assert not User.objects.exists()
        assert not SiteSettings.objects.filter(setup_complete=True).exists()
        assert not state._known

    def test_is_possible_once(self):
        services.finish(**EVA)
        with pytest.raises(SetupOver):
            services.finish(**JAN)
        with pytest.raises(SetupOver):
            services.save_step(organisation_name="Cizí")
        assert User.objects.count() == 1

    def test_is_not_possible_where_there_are_people(self):
        make_member()
        with pytest.raises(SetupOver):
            services.finish(**EVA)


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    """Every thread asks the database: what the process knows is forgotten again and again."""

    @pytest.fixture(autouse=True)
    def _forgetful(self, monkeypatch):
        monkeypatch.setattr(state, "is_complete", lambda site=None: site.setup_complete or User.objects.exists())
        fill_roles()

    def test_one_of_ten_makes_the_administrator(self):
        def finishing(number: int) -> Any:
            return lambda: services.finish(**{**EVA, "email": f"eva{number}@example.org"})

        outcomes = together([finishing(number) for number in range(10)])
        assert refusals(outcomes, SetupOver) == 9
        assert User.objects.count() == MasterEvent.objects.count() == 1

    def test_the_second_waits_for_the_first_to_commit(self, monkeypatch):
        pause = Hesitation(monkeypatch, services, "complete_setup")
        outcomes = together([lambda: services.finish(**EVA), lambda: pause.then(lambda: services.finish(**JAN))])
        assert [outcome.succeeded for outcome in outcomes] == [True, False]
        assert refusals(outcomes, SetupOver) == 1
        assert User.objects.get().email == EVA["email"]

    def test_nothing_is_written_to_an_installation_that_is_just_being_finished(self, monkeypatch):
        pause = Hesitation(monkeypatch, services, "complete_setup")
        stranger = lambda: services.save_step(smtp_host="evil.example.org")  # noqa: E731
        outcomes = together([lambda: services.finish(**EVA), lambda: pause.then(stranger)])
        assert refusals(outcomes, SetupOver) == 1
        assert SiteSettings.load().smtp_host == ""

    def test_two_browsers(self):
        named = {"organisation_name": "ČČK Praha 1", "time_zone": "Europe/Prague"}
        browsers = [Client(), Client()]
        browsers[0].post("/setup/", named)

        def finishing(browser: Client, person: dict[str, str]) -> Any:
            typed = {**person, "new": person["password"], "repeated": person["password"]}
            return lambda: browser.post("/setup/administrator/", typed)["Location"]

        pairs = zip(browsers, (EVA, JAN), strict=True)
        outcomes = together([finishing(browser, person) for browser, person in pairs])
        assert sorted(outcome.value for outcome in outcomes) == ["/", "/setup/done/"]
        assert User.objects.count() == 1

    def test_the_wizard_and_an_operator(self):
        operator = lambda: services.ensure_administrator(**JAN, at=timezone.now())  # noqa: E731
        outcomes = together([lambda: services.finish(**EVA), operator])
        refusals(outcomes, SetupOver)
        assert outcomes[1].succeeded
        assert SiteSettings.load().setup_complete


class TestSeedAdmin:
    @pytest.fixture
    def run(self, monkeypatch, capsys):
        """Run the command without a terminal; `typed` comes on standard input."""

        def run(*options: str, typed: str | None = None, email="eva@example.org", name="Adminová Eva") -> str:
            monkeypatch.setattr("sys.stdin", io.StringIO(typed or ""))
            more = ("--password-stdin",) if typed is not None else ()
            call_command("seed_admin", "--email", email, "--name", name, *more, *options)
            return capsys.readouterr().out

        return run

    def test_makes_the_first_administrator_and_closes_the_wizard(self, run):
        said = run(typed="velmi tajné\n", email=" EVA@example.org ")
        eva = User.objects.get()
        assert (eva.email, eva.name, eva.is_active, eva.roles) == (EVA["email"], EVA["name"], True, [Role.ADMIN])
        assert eva.check_password("velmi tajné")
        assert SiteSettings.load().setup_complete
        assert MasterEvent.objects.get().is_general
        assert "tajné" not in said
        assert "tajné" not in str(list(AuditEntry.objects.values()))

    def test_again_changes_nothing(self, run):
        run(typed="velmi tajné\n")
        before = User.objects.values().get(), AuditEntry.objects.count()
        said = run(name="Jiná Jana")
        assert (User.objects.values().get(), AuditEntry.objects.count()) == before
        assert "nic se nezměnilo" in said or "nothing was changed" in said

    def test_without_a_password_it_says_how_to_get_one(self, run):
        said = run()
        assert not User.objects.get().has_usable_password()
        assert "--password-stdin" in said
        assert not OutboxMessage.objects.exists()

    def test_repairs_what_is_wrong(self, run):
        person = make_member(email="eva@example.org", name="Eva")
        archive(person.pk, by=make_admin(), at=timezone.now())
        said = run(typed="velmi tajné")
        person.refresh_from_db()
        assert (person.is_active, person.is_archived, person.name) == (True, False, "Eva")
        assert {group.name for group in person.groups.all()} == {"Admin", "Member"}
        assert person.check_password("velmi tajné")
        assert len(said.splitlines()) == 5

    def test_keeps_the_password_when_none_is_given(self, run):
        person = make_member(email="eva@example.org")
        said = run()
        assert User.objects.get(pk=person.pk).password == person.password
        assert "--password-stdin" not in said

    @pytest.mark.parametrize(
        ("options", "typed"),
        [
            ({"email": "eva"}, None),
            ({"email": ""}, None),
            ({"name": "  "}, None),
            ({}, "krátké\n"),
            ({}, "\n"),
            ({}, ""),
        ],
    )
    def test_refuses_with_a_sentence(self, run, options, typed):
        with pytest.raises(CommandError) as refusal:
            run(typed=typed, **options)
        assert str(refusal.value).strip()
        assert not User.objects.exists()
        assert not SiteSettings.objects.filter(setup_complete=True).exists()

    def test_a_weak_password_leaves_a_known_account_as_it_was(self, run):
        person = make_member(email="eva@example.org", is_active=False)
        with pytest.raises(CommandError):
            run(typed="krátké")
        person.refresh_from_db()
        assert (person.is_active, person.groups.get().name) == (False, "Member")

    def test_asks_on_a_terminal(self, run, monkeypatch):
        class Terminal(io.StringIO):
            def isatty(self) -> bool:
                return True

        def asking(*answers: str) -> None:
            given = iter(answers)
            monkeypatch.setattr(seed_admin, "getpass", lambda _question: next(given))
            monkeypatch.setattr("sys.stdin", Terminal())

        asking("velmi tajné", "něco jiného")
        with pytest.raises(CommandError):
            call_command("seed_admin", "--email", "eva@example.org", "--name", "Eva")
        asking("")
        call_command("seed_admin", "--email", "eva@example.org", "--name", "Eva", verbosity=0)
        assert not User.objects.get().has_usable_password()
        asking("velmi tajné", "velmi tajné")
        call_command("seed_admin", "--email", "eva@example.org", "--name", "Eva", verbosity=0)
        assert User.objects.get().check_password("velmi tajné")
