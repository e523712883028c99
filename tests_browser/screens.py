"""Browser windows that notice what a person would only suffer from.

Every window fails its test when a page breaks the content security policy, writes an error to the console,
throws, or asks any other server than ours for anything.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, BrowserType, ConsoleMessage, Error, Page, Request

from tests_browser import accessibility

#: Chromium's own words for a violation are cut short; this says what was blocked where.
_REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sourceFile, lineNumber }) =>
  console.error(`Content security policy: ${effectiveDirective} blocked ${blockedURI} (${sourceFile}:${lineNumber})`));
"""

#: What sticks out to the right of the window, outermost first; a scrolling box may hold something wider.
_WIDER_THAN_WINDOW = """
(width) => {
  if (document.documentElement.scrollWidth <= width) return [];
  const sticksOut = (element) => element.getBoundingClientRect().right > width + 0.5;
  const scrolls = (element) => element.closest(".table-responsive, [tabindex='0'], pre") !== null;
  const found = [...document.body.querySelectorAll("*")].filter((element) => sticksOut(element) && !scrolls(element));
  return [`the page is ${document.documentElement.scrollWidth} px wide`].concat(
    found.slice(0, 5).map((element) => element.outerHTML.slice(0, 160)));
}
"""

#: Colours may take their time to change, and a picture taken meanwhile shows neither the old nor the new ones.
_IN_COLOURS = """
(wanted) => document.documentElement.dataset.bsTheme === wanted
  && document.getAnimations().every((animation) => animation.playState !== "running")
"""

#: No page lives long enough to repay the work of optimising its scripts; all pages are of one site.
_SPARING = ("--js-flags=--no-turbofan,--no-maglev", "--disable-site-isolation-trials")

_LOCAL = ("data:", "blob:", "about:", "chrome-error:")


@dataclass(frozen=True)
class Device:
    """What somebody holds in the hand or has on the desk."""

    name: str
    width: int
    height: int
    is_phone: bool = False

    def options(self) -> dict[str, Any]:
        """Return how a browser context imitates it."""
        return {
            "viewport": {"width": self.width, "height": self.height},
            "is_mobile": self.is_phone,
            "has_touch": self.is_phone,
        }


PHONE = Device("phone", 390, 844, is_phone=True)
DESKTOP = Device("desktop", 1280, 800)


@dataclass
class Watch:
    """Everything that went wrong in one window without anybody clicking on it."""

    origin: str
    problems: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def allow(self, pattern: str) -> None:
        """Expect a message of the console that matches `pattern`, such as the browser's note about a 404."""
        self.allowed.append(pattern)

    def listen_to(self, context: BrowserContext) -> None:
        """Begin to listen to every page of the context."""
        context.add_init_script(_REPORT_VIOLATIONS)
        context.on("console", self._console)
        context.on("weberror", lambda problem: self.problems.append(f"Exception: {problem.error}"))
        context.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        if not any(re.search(pattern, message.text) for pattern in self.allowed):
            where = f"{message.location.get('url', '')}:{message.location.get('lineNumber', '')}"
            self.problems.append(f"Console {message.type}: {message.text} ({where})")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.origin}/", *_LOCAL)):
            self.problems.append(f"Asked another server: {request.url}")


class Screen:
    """One window of one person on one device."""

    def __init__(self, context: BrowserContext, watch: Watch, device: Device) -> None:
        self.context, self.watch, self.device = context, watch, device
        self.page: Page = context.new_page()

    def open(self, path: str) -> Page:
        """Go to an address of the site and return the page."""
        self.page.goto(path)
        return self.page

    def inspect(self, label: str = "") -> None:
        """Note what is wrong with the page as it is now: too wide, or hard to use for some people."""
        self.inspect_width(label)
        self._note(label, accessibility.violations(self.page))

    def inspect_width(self, label: str = "") -> None:
        """Note whatever sticks out of the window."""
        self._note(label, self.page.evaluate(_WIDER_THAN_WINDOW, self.device.width))

    def inspect_in_both_colours(self) -> None:
        """Inspect the page in the colours that it has come in, and in the others what depends on colours."""
        self.inspect()
        prefer(self.page, "dark" if self._colours() == "light" else "light")
        self._note("", accessibility.violations(self.page, accessibility.COLOURS))

    def inspect_as_device(self) -> None:
        """Inspect a page that is inspected on every device: the other colours do not depend on its width, so once."""
        if self.device.is_phone:
            self.inspect()
        else:
            self.inspect_in_both_colours()

    def _colours(self) -> str:
        return str(self.page.evaluate("document.documentElement.dataset.bsTheme"))

    def _note(self, label: str, problems: list[str]) -> None:
        name = label or self.page.url.removeprefix(self.watch.origin)
        colours = self._colours()
        self.watch.problems += [f"{name} on the {self.device.name}, {colours}: {problem}" for problem in problems]

    def keep(self, directory: Path, number: int) -> None:
        """Save picture and source of every page for whoever looks into a failure."""
        for page_number, page in enumerate(self.context.pages):
            stem = directory / f"{number}-{self.device.name}-{page_number}"
            try:
                page.screenshot(path=f"{stem}.png", full_page=True)
                stem.with_suffix(".html").write_text(f"<!-- {page.url} -->\n{page.content()}")
            except Error as problem:  # a page in the middle of something must not hide the failure itself
                stem.with_suffix(".txt").write_text(str(problem))


class Screens:
    """All windows of one test."""

    def __init__(self, browser: Browser, origin: str) -> None:
        self.browser, self.origin = browser, origin
        self.opened: list[Screen] = []

    def __call__(self, device: Device, person: Any = None, *, scripts: bool = True, **options: Any) -> Screen:
        """Open a window, logged in as `person` if one is given; further options are Playwright's."""
        context = self.browser.new_context(
            base_url=self.origin,
            locale="cs-CZ",
            reduced_motion="reduce",
            java_script_enabled=scripts,
            **{"timezone_id": "Europe/Prague", **device.options(), **options},
        )
        watch = Watch(self.origin)
        watch.listen_to(context)
        if person is not None:
            context.add_cookies([{"name": "sessionid", "value": session_of(person), "url": self.origin}])
        screen = Screen(context, watch, device)
        self.opened.append(screen)
        return screen

    def problems(self) -> list[str]:
        """Return what the windows noticed, each thing once."""
        return list(dict.fromkeys(problem for screen in self.opened for problem in screen.watch.problems))

    def keep(self, directory: Path) -> None:
        """Save what all windows show."""
        directory.mkdir(parents=True, exist_ok=True)
        for number, screen in enumerate(self.opened, start=1):
            screen.keep(directory, number)

    def close(self) -> None:
        """Close all windows."""
        for screen in self.opened:
            screen.context.close()


def session_of(person: Any) -> str:
    """Log the person in without the login page; return the key of the session."""
    client = Client()
    client.force_login(person, backend="roster.backends.RoleBackend")
    return client.cookies["sessionid"].value


def prefer(page: Page, colours: str) -> None:
    """Let the device prefer light or dark colours, and wait until the page shows them."""
    page.emulate_media(color_scheme=colours)
    page.wait_for_function(_IN_COLOURS, arg=colours)


def launch(kind: BrowserType, *more: str) -> Browser:
    """Start a Chromium that can reach this machine and nothing else."""
    return kind.launch(
        executable_path=_path_of_browser(),
        chromium_sandbox=os.geteuid() != 0,  # Chromium's sandbox refuses root
        args=[
            "--disable-background-networking",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
            *_SPARING,
            *more,
        ],
    )


def _path_of_browser() -> str:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not path:
        pytest.fail("No browser: run script/test, or set CHROMIUM to the path of a Chromium.", pytrace=False)
    return path
