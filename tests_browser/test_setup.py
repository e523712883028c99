"""The first run, played by whoever puts an installation into operation."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from events.models import MasterEvent
from medcover.setup import state
from medcover.system.models import SiteSettings
from notifications.tests.smtp import HOST, MailServer
from roster.models import User
from roster.rights import Role
from tests_browser.screens import DESKTOP, PHONE, Device, Screen, Screens

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=lambda device: device.name)]

EMAIL, PASSWORD = "adminova@example.org", "velmi tajné heslo"


@pytest.fixture
def screen(open_screen: Screens, site: SiteSettings, device: Device, monkeypatch: pytest.MonkeyPatch) -> Screen:
    """A window before an installation that nobody has touched."""
    monkeypatch.setattr(state, "_known", False)
    SiteSettings.objects.all().delete()
    return open_screen(device)


def sent_on(page: Page, fill: Callable[[], None], button: str, to: str) -> None:
    """Fill a form in, send it by the button of this name and arrive."""
    fill()
    page.locator(f"button[type=submit]{button}").click()
    page.wait_for_url(f"**{to}")


def test_from_an_empty_database_to_the_backoffice(screen: Screen) -> None:
    page = screen.open("/events/?q=x")
    assert page.url.endswith("/setup/")
    screen.inspect_in_both_colours()
    sent_on(page, lambda: page.fill("[name=organisation_name]", "ČČK Praha 1"), "", "/setup/mail/")
    try_mail(screen)
    sent_on(page, lambda: None, ":not([name])", "/setup/administrator/")
    refuse_a_short_password(screen)
    sent_on(page, lambda: administrator(page, PASSWORD), "", "/setup/done/")
    screen.inspect_in_both_colours()
    expect(page.locator("main")).to_contain_text(EMAIL)
    page.goto("/admin/rights/")
    screen.inspect_in_both_colours()
    page.goto("/setup/")
    assert page.url.endswith("/")
    assert page.url.count("/") == 3
    everything_is_there()


def try_mail(screen: Screen) -> None:
    """Send a trial mail to a real server."""
    page = screen.page
    screen.inspect_in_both_colours()
    with MailServer() as server:
        page.fill("[name=smtp_host]", HOST)
        page.fill("[name=smtp_port]", str(server.port))
        page.uncheck("[name=smtp_use_tls]")
        page.fill("[name=smtp_sender]", "robot@example.org")
        page.click("button[name=trial]")
        expect(page.locator(".messages")).to_contain_text("robot@example.org")
        assert [mail.recipients for mail in server.messages] == [["robot@example.org"]]


def refuse_a_short_password(screen: Screen) -> None:
    page = screen.page
    screen.watch.allow("422")
    screen.inspect_in_both_colours()
    administrator(page, "krátké")
    page.click("button[type=submit]")
    expect(page.locator("[name=new].is-invalid")).to_be_visible()
    expect(page.locator("[name=email]")).to_have_value(EMAIL)
    screen.inspect_in_both_colours()


def administrator(page: Page, password: str) -> None:
    """Fill the account in."""
    page.fill("[name=name]", "Adminová Eva")
    page.fill("[name=email]", EMAIL)
    page.fill("[name=new]", password)
    page.fill("[name=repeated]", password)


def everything_is_there() -> None:
    admin = User.objects.get()
    assert (admin.email, admin.roles, admin.is_active) == (EMAIL, [Role.ADMIN], True)
    assert MasterEvent.objects.get().is_general
    assert SiteSettings.load().setup_complete
