"""The manifest of the app, what the environment may say, and the name in Slack on the profile."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError

from medcover.settings.refusals import SLACK_COMMAND_NAMES, reasons_against_slack
from medcover.system.models import AuditEntry, SiteSettings
from notifications.slack import registry
from roster.models import User
from roster.services import accounts
from roster.tests.factories import make_member


def printed(*options: str) -> dict:
    out = StringIO()
    call_command("slack_manifest", *options, stdout=out)
    return json.loads(out.getvalue())


class TestManifest:
    @pytest.fixture(autouse=True)
    def _address(self, db):
        SiteSettings.objects.update_or_create(pk=1, defaults={"base_url": "https://medcover.example.org"})

    def test_everything_comes_to_one_address(self):
        found = printed()
        url = "https://medcover.example.org/slack/events"
        commands = {one["command"]: one for one in found["features"]["slash_commands"]}
        assert set(commands) == set(SLACK_COMMAND_NAMES.values())
        assert {one["url"] for one in commands.values()} == {url}
        assert commands["/esb-repair"]["usage_hint"] == "[položka]"
        interactivity = found["settings"]["interactivity"]
        assert interactivity == {"is_enabled": True, "request_url": url, "message_menu_options_url": url}
        assert found["settings"]["socket_mode_enabled"] is False
        scopes = found["oauth_config"]["scopes"]["bot"]
        assert scopes == ["chat:write", "commands", "users:read", "users:read.email", "im:write"]

    @pytest.mark.parametrize(
        ("address", "options", "is_warned"),
        [
            ("https://medcover.example.org", [], False),
            ("http://10.0.0.1:8000", [], True),
            ("http://10.0.0.1:8000", ["--socket-mode"], False),
        ],
    )
    def test_an_address_that_slack_does_not_take_is_warned_of(self, address, options, is_warned):
        SiteSettings.objects.update(base_url=address)
        warned = StringIO()
        call_command("slack_manifest", *options, stdout=StringIO(), stderr=warned)
        assert ("https://" in warned.getvalue()) is is_warned

    def test_before_there_is_a_database_it_says_so(self, monkeypatch):
        def fail() -> None:
            raise ProgrammingError("relation does not exist")

        monkeypatch.setattr(SiteSettings, "load", fail)
        with pytest.raises(CommandError, match="migrate_safely"):
            printed()

    def test_in_socket_mode_no_address_is_named(self):
        found = printed("--socket-mode")
        assert "medcover.example.org" not in json.dumps(found)
        assert found["settings"]["socket_mode_enabled"] is True

    def test_names_are_those_of_the_settings(self, settings):
        settings.SLACK_COMMANDS = {**settings.SLACK_COMMANDS, "report": "/zavada"}
        assert "/zavada" in {one["command"] for one in printed()["features"]["slash_commands"]}


def test_there_is_a_name_for_every_command_and_a_command_for_every_name():
    assert registry.commands.keys() == SLACK_COMMAND_NAMES.keys()


class TestEnvironment:
    GOOD = {"SLACK_BOT_TOKEN": "xoxb-1"}

    @pytest.mark.parametrize(
        "environ",
        [
            {},
            {"SLACK_SIGNING_SECRET": "x", "SLACK_COMMAND_REPORT": "nonsense"},
            GOOD,
            {**GOOD, "SLACK_SOCKET_MODE_CONNECT": "true", "SLACK_APP_TOKEN": "xapp-1"},
            {**GOOD, "SLACK_COMMAND_REPORT": "/zavada_1"},
        ],
    )
    def test_fine(self, environ):
        assert list(reasons_against_slack(environ)) == []

    @pytest.mark.parametrize(
        ("environ", "said"),
        [
            ({"SLACK_BOT_TOKEN": "xapp-1"}, "SLACK_BOT_TOKEN"),
            ({**GOOD, "SLACK_SOCKET_MODE_CONNECT": "true"}, "SLACK_APP_TOKEN"),
            ({**GOOD, "SLACK_COMMAND_REPORT": "zavada"}, "zavada is no name"),
            ({**GOOD, "SLACK_COMMAND_REPORT": "/Závada"}, "/Závada is no name"),
            ({**GOOD, "SLACK_COMMAND_REPORT": "/esb-status"}, "same name"),
        ],
    )
    def test_refused(self, environ, said):
        (reason,) = reasons_against_slack(environ)
        assert said in reason


@pytest.mark.django_db
class TestHandle:
    def test_it_is_asked_for_where_there_is_slack(self, client, settings):
        person = make_member()
        client.force_login(person, backend="roster.backends.RoleBackend")
        assert "slack_handle" not in client.get("/profile/").context["personal_form"].fields
        settings.SLACK_BOT_TOKEN = "xoxb-1"
        form = {"name": person.name, "phone": "", "version": person.version, "slack_handle": " jan.novak "}
        assert client.post("/profile/", form).status_code == 302
        assert User.objects.get(pk=person.pk).slack_handle == "@jan.novak"
        assert "@jan.novak" not in str(list(AuditEntry.objects.values_list("changes", flat=True)))

    @pytest.mark.parametrize(
        ("typed", "kept"),
        [("", ""), ("  @ ", ""), ("@@jan", "@jan"), ("Jan N.", "@Jan N."), ("x" * 90, "@" + "x" * 79)],
    )
    def test_its_one_form(self, typed, kept):
        person = make_member()
        accounts.update_person(person.pk, by=person, slack_handle=typed)
        assert User.objects.get(pk=person.pk).slack_handle == kept
