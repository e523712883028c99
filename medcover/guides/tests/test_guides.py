"""The built-in guides: whole in both languages, and true for the installation."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from django.test import Client
from jinja2 import UndefinedError

from medcover.guides import rendering
from medcover.guides.facts import NAMES, Facts, facts
from medcover.guides.rendering import CONTENT, html_of
from medcover.system.models import SiteSettings

ALL = ("home", *NAMES)

NOTHING = Facts(**{field.name: "" for field in fields(Facts)})
EVERYTHING = Facts(**{field.name: f"/{field.name}/" for field in fields(Facts)})


@pytest.mark.parametrize("language", ["cs", "en"])
@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("known", [NOTHING, EVERYTHING], ids=["nothing on", "everything on"])
def test_every_guide_is_whole(name, language, known):
    html = html_of(name, language, known)
    assert "{{" not in html
    assert "{%" not in html
    assert "None" not in html


def test_both_languages_have_the_same_guides_with_the_same_parts():
    for name in ALL:
        czech, english = ((CONTENT / language / f"{name}.md").read_text() for language in ("cs", "en"))
        for mark in ("\n## ", "{% if ", "\n| ", "\n- ", "\n1. "):
            assert czech.count(mark) == english.count(mark), (name, mark)


def test_what_is_off_is_not_told():
    on = replace(NOTHING, slack=True, slack_report="/zavada", wifi_ssid="Sklad", public_pages=True)
    told, silent = html_of("members", "cs", on), html_of("members", "cs", NOTHING)
    for words in ("/zavada", "Wi-Fi Sklad", "QR kód"):
        assert words in told
        assert words not in silent


@pytest.mark.parametrize("typed", ["<script>alert(1)</script>", "[x](javascript:alert(1))", "**a** _b_ `c`", "a|b # c"])
def test_what_people_type_stands_there_as_they_typed_it(typed):
    html = html_of("about", "cs", replace(NOTHING, organisation=typed))
    for tag in ("<script", "<strong>a", "<em>", "<code>", "href="):
        assert tag not in html


def test_a_placeholder_that_nobody_knows_fails(tmp_path, monkeypatch):
    (tmp_path / "cs").mkdir()
    (tmp_path / "cs" / "bad.md").write_text("{{ nothing_such }}")
    monkeypatch.setattr(rendering._environment.loader, "searchpath", [str(tmp_path)])
    with pytest.raises(UndefinedError):
        html_of("bad", "cs", NOTHING)


@pytest.mark.django_db
class TestPages:
    def test_are_for_everybody(self):
        for name in ALL:
            answer = Client().get(f"/guides/{'' if name == 'home' else name + '/'}")
            assert answer.status_code == 200
            assert "<h1>" in answer.content.decode()
        assert Client().get("/guides/nothing-such/").status_code == 404

    def test_follow_the_settings_at_once(self):
        assert "tabule vybavení" in Client().get("/guides/members/").content.decode()
        SiteSettings.objects.update_or_create(pk=1, defaults={"public_pages": False, "wifi_ssid": "Garáž"})
        page = Client().get("/guides/members/").content.decode()
        assert "tabule vybavení" not in page
        assert "Garáž" in page
        assert facts().public_pages is False
