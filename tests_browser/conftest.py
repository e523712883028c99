"""A browser, a server and what belongs to them.

Set CHROMIUM to the browser's path, as script/test does; a machine without one fails these tests, it never
skips them. Pictures and sources of failed tests lie under var/browser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, expect, sync_playwright

from medcover.system.models import SiteSettings
from notifications.tests.smtp import MailServer
from tests_browser.screens import Screens, launch

#: Milliseconds; generous, because nothing here may depend on how busy the machine is.
PATIENCE = 60_000


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the pictures of the README be made anew."""
    parser.addoption("--update-screenshots", action="store_true", help="write the pictures under docs/images")


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[Any]:
    """After a test, ask its windows what they noticed; keep what they show if it failed."""
    screens = pyfuncitem.funcargs.get("open_screen")
    try:
        result = yield
        if screens is not None and (problems := screens.problems()):
            pytest.fail("\n".join(problems), pytrace=False)
    except BaseException:
        if screens is not None:
            screens.keep(Path(settings.VAR_DIR) / "browser" / re.sub(r"[^\w.-]+", "_", pyfuncitem.nodeid))
        raise
    return result


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of this directory; it can reach this machine and nothing else."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright runs a loop in this thread, which Django takes for asynchronous code.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        expect.set_options(timeout=PATIENCE)
        chromium = launch(playwright.chromium)
        yield chromium
        chromium.close()


@pytest.fixture
def site(live_server: Any) -> SiteSettings:
    """The settings of an installation that people reach where the server of this test listens."""
    row = SiteSettings.load()
    row.base_url, row.organisation_name = live_server.url, "Oblastní spolek Praha 1"
    row.save()
    return row


@pytest.fixture
def open_screen(browser: Browser, site: SiteSettings) -> Iterator[Screens]:
    """Open windows: `open_screen(PHONE, person)`."""
    screens = Screens(browser, site.base_url)
    yield screens
    screens.close()


@pytest.fixture
def mail_server(site: SiteSettings) -> Iterator[MailServer]:
    """A mail server that asks for the login which the settings keep encrypted."""
    with MailServer(with_login=True) as server:
        server.configure_site()
        yield server
