"""What people and administrators see of Slack in the pages: where it is switched on, and where it is not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from equipment.services.repairs import opening
from equipment.services.repairs.opening import Problem
from equipment.tests.factories import ItemFactory, LocationFactory
from medcover.system.models import SiteSettings
from notifications import delivery
from notifications.models import OutboxMessage
from notifications.tests.slack.workspace import Answer, Workspace, slack_server, workspace  # noqa: F401 - fixtures
from roster.tests.factories import make_admin, make_member
from tests_browser.screens import DESKTOP, PHONE, Device, Screens

pytestmark = pytest.mark.browser

SETTINGS, OUTBOX = "/admin/system/sitesettings/", "/admin/notifications/outboxmessage/"


@pytest.fixture
def in_slack(request: Any) -> Workspace:
    """A workspace that the installation talks to."""
    found: Workspace = request.getfixturevalue("workspace")
    return found


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=lambda device: device.name)
def test_without_slack_nothing_asks_for_it(open_screen: Screens, device: Device) -> None:
    page = open_screen(device, make_member()).open("/profile/")
    expect(page.get_by_label("Telefon")).to_be_visible()
    expect(page.get_by_label("Jméno ve Slacku")).to_have_count(0)
    page = open_screen(device, make_admin()).open(SETTINGS)
    expect(page.get_by_role("heading", name="Organizace")).to_be_visible()
    expect(page.get_by_role("heading", name="Slack")).to_have_count(0)
    page.goto("/admin/installation/")
    expect(page.locator(".services li", has_text="Slack")).to_contain_text("Není nastaveno")


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=lambda device: device.name)
def test_a_member_writes_how_they_are_called_in_slack(
    open_screen: Screens, in_slack: Workspace, device: Device
) -> None:
    member = make_member()
    screen = open_screen(device, member)
    page = screen.open("/profile/")
    screen.inspect_as_device()
    page.get_by_label("Jméno ve Slacku").fill("novak.jan")
    page.get_by_role("button", name="Uložit osobní údaje").click()
    expect(page.get_by_label("Jméno ve Slacku")).to_have_value("@novak.jan")
    member.refresh_from_db()
    assert member.slack_handle == "@novak.jan"


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=lambda device: device.name)
def test_an_administrator_says_what_is_posted(open_screen: Screens, in_slack: Workspace, device: Device) -> None:
    screen = open_screen(device, make_admin())
    page = screen.open(SETTINGS)
    screen.inspect_as_device()
    block = page.locator("fieldset", has=page.get_by_role("heading", name="Slack"))
    block.get_by_role("button", name="Nápověda").click()
    expect(page.locator("#help-slack")).to_be_visible()
    expect(page.locator("#help-slack")).to_contain_text("#oops")
    page.keyboard.press("Escape")
    block.get_by_label("Závada je uzavřena").uncheck()
    block.get_by_label("Kanál pro akce").fill("dvě slova")
    page.get_by_role("button", name="Uložit nastavení").click()
    expect(page.locator(".errorlist", has_text="#zavady")).to_be_visible()
    page.get_by_label("Kanál pro akce").fill("Akce")
    page.get_by_role("button", name="Uložit nastavení").click()
    expect(page.get_by_label("Kanál pro akce")).to_have_value("#akce")
    site = SiteSettings.load()
    assert (site.slack_resolved, site.slack_new_report, site.slack_events_channel) == (False, True, "#akce")


def test_an_administrator_sends_a_failed_post_again(open_screen: Screens, in_slack: Workspace) -> None:
    admin = make_admin()
    in_slack.answers["chat.postMessage"] = [Answer(body={"ok": False, "error": "not_in_channel"})]
    item = ItemFactory(name="AED 1", location=LocationFactory(name="Garáž", slack_channel="#garaz"))
    opening.create(item.pk, Problem("Nedrží pásek", "degraded"), by=admin, at=timezone.now())
    delivery.drain()
    OutboxMessage.objects.update(status=OutboxMessage.Status.FAILED)
    screen = open_screen(DESKTOP, admin)
    page = screen.open("/admin/installation/")
    expect(page.locator(".services li", has_text="Slack")).to_contain_text("Poslední zpráva selhala")
    page.goto(f"{OUTBOX}?channel__exact=slack")
    page.get_by_role("link", name=re.compile(r"\d{2}:\d{2}")).click()
    expect(page.get_by_text("/invite @MedCover")).to_be_visible()
    expect(page.locator("pre.mail-text")).to_contain_text("Nedrží pásek")
    screen.inspect_as_device()
    page.locator("summary", has_text="Odeslat znovu").click()
    page.get_by_role("button", name="Odeslat znovu").click()
    expect(page.get_by_text("Zpráva je znovu ve frontě")).to_be_visible()
    delivery.drain()
    page.reload()
    expect(page.get_by_text("odesláno", exact=True)).to_be_visible()
    assert [channel for channel, _text in in_slack.posts] == ["#garaz", "#garaz", "#oops"]
