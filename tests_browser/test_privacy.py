"""One's own data in one's own hands, and gone when one has left."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from events.models import Assignment
from medcover.tests import traces
from roster.models import User
from roster.tests.departed import ADDRESS, NAME, NUMBERS, TRACES, make_departed
from tests_browser import accessibility
from tests_browser.cast import make_season
from tests_browser.screens import DESKTOP, PHONE, Screens

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_member_downloads_everything_and_reads_it_without_the_site(
    open_screen: Screens, browser: Browser, tmp_path: Path, scripts: bool
) -> None:
    season = make_season()
    page = open_screen(PHONE, season.member, scripts=scripts).open("/profile/")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Stáhnout moje údaje").tap()
    assert waiting.value.suggested_filename.startswith("medcover-")
    waiting.value.save_as(tmp_path / "data.zip")
    with zipfile.ZipFile(tmp_path / "data.zip") as archive:
        archive.extractall(tmp_path)

    data = json.loads((tmp_path / "data.json").read_text())["data"]
    assert data["account"]["name"] == season.member.name
    assert len(data["assignments"]) == Assignment.objects.of(season.member).count() > 2

    read_at_home(browser, tmp_path / "prehled.html", season.next_duty.name)


def read_at_home(browser: Browser, file: Path, duty: str) -> None:
    """Open the file in a window that knows nothing of the site, and without a network."""
    context = browser.new_context(offline=True, reduced_motion="reduce", **PHONE.options())
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto(file.as_uri())
    expect(page.get_by_role("heading", name="Moje údaje v MedCoveru")).to_be_visible()
    page.get_by_role("link", name="Služby", exact=True).click()
    expect(page.locator("#assignments")).to_contain_text(duty)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE.width
    assert accessibility.violations(page) == []
    assert asked == [file.as_uri()]
    context.close()


def test_an_admin_erases_somebody_who_has_left(open_screen: Screens) -> None:
    departed = make_departed()
    screen = open_screen(DESKTOP, departed.admin)
    page = screen.open(f"/admin/roster/user/{departed.person.pk}/change/")
    page.get_by_role("link", name="Smazat osobní údaje…").click()
    expect(page.get_by_role("heading", name="Smazat osobní údaje")).to_be_visible()
    expect(page.get_by_role("region", name="Tohle zmizí")).to_contain_text("Kvalifikace 1")
    expect(page.get_by_role("region", name="Tohle zůstane pod pseudonymem")).to_contain_text("Služby a jejich hodiny 1")
    screen.inspect_in_both_colours()

    screen.watch.allow("status of 422")
    page.get_by_role("textbox", name="Pro potvrzení napište e-mail osoby").fill("nekdo@example.org")
    page.get_by_role("button", name="Smazat osobní údaje").click()
    expect(page.get_by_text("Tohle není e-mail této osoby. Nic se nesmazalo.")).to_be_visible()
    screen.inspect("the refused form")
    assert User.objects.get(pk=departed.person.pk).name == NAME

    page.get_by_role("textbox", name="Pro potvrzení napište e-mail osoby").fill(ADDRESS)
    page.get_by_role("textbox", name="Pro potvrzení napište e-mail osoby").press("Enter")
    expect(page.get_by_text("Osobní údaje byly smazány.")).to_be_visible()
    pseudonym = User.objects.get(pk=departed.person.pk).name
    expect(page.get_by_role("heading", name=pseudonym)).to_be_visible()
    screen.inspect_in_both_colours()
    assert traces.found(TRACES, NUMBERS) == set()

    page.goto(f"/events/{departed.event.pk}/")
    expect(page.get_by_role("main")).to_contain_text(pseudonym)
    expect(page.get_by_role("main")).not_to_contain_text(NAME)


def test_the_page_about_somebody_who_cannot_be_erased_yet_fits_a_phone(open_screen: Screens) -> None:
    season = make_season()
    User.objects.filter(pk=season.member.pk).update(is_active=False, is_archived=True)
    screen = open_screen(PHONE, season.admin)
    page = screen.open(f"/admin/roster/user/{season.member.pk}/erase/")
    expect(page.get_by_text("Zatím to nejde:")).to_be_visible()
    expect(page.get_by_role("button", name="Smazat osobní údaje")).to_have_count(0)
    screen.inspect_in_both_colours()
