"""Notifications in a browser, from the button on the profile to the page that a notification opens.

Headless Chromium has no push service of its own, so the page is given a subscription at one of this machine; all
else is real: the permission, the service worker, the encrypted message, and what the worker shows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from events.rules.lifecycle import Status
from events.services import lifecycle
from events.tests.factories import EventFactory, PositionFactory, put
from medcover.system.models import SiteSettings
from notifications.delivery import drain
from notifications.models import PushChoice, PushSubscription
from notifications.push import keys
from notifications.tests.push.devices import Browser, subscribed
from notifications.tests.push.service import PushService
from roster.models import User
from roster.tests.factories import make_admin, make_member
from tests_browser.screens import DESKTOP, PHONE, Device, Screen, Screens

pytestmark = pytest.mark.browser

SWITCH_ON = "Zapnout v tomto prohlížeči"

#: Remembers the subscription as a browser does, beyond the page.
_SUBSCRIPTIONS = """
(() => {
  const made = %s;
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const subscription = {
    endpoint: made.endpoint,
    options: {},
    getKey: (name) => bytes(made[name]).buffer,
    unsubscribe: async () => { localStorage.removeItem("subscribed"); return true; },
  };
  PushManager.prototype.getSubscription = async () => (localStorage.getItem("subscribed") ? subscription : null);
  PushManager.prototype.subscribe = async ({ applicationServerKey, userVisibleOnly }) => {
    if (!userVisibleOnly || applicationServerKey.length !== 65) throw new Error("The key is none");
    localStorage.setItem("subscribed", "yes");
    return subscription;
  };
})();
"""

#: What an operating system does when somebody touches a notification; windows are noted instead of opened.
_TOUCH = """
async (path) => {
  const [notification] = await self.registration.getNotifications();
  const opened = [];
  Object.defineProperty(self.clients, "openWindow", { configurable: true, value: async (url) => opened.push(url) });
  const waiting = [];
  const shown = path === null ? notification : { close() {}, data: { path } };
  const event = Object.assign(new Event("notificationclick"), { waitUntil: (promise) => waiting.push(promise) });
  Object.defineProperty(event, "notification", { value: shown });
  self.dispatchEvent(event);
  await Promise.all(waiting);
  return { opened, left: (await self.registration.getNotifications()).length };
}
"""

_SHOWN = """
async () => (await self.registration.getNotifications()).map(({ title, body, tag }) => ({ title, body, tag }))
"""


@pytest.fixture(autouse=True)
def _key(settings) -> None:
    """The installation has a key, and may talk to this machine."""
    settings.VAPID_PRIVATE_KEY, settings.VAPID_SUBJECT = keys.new_pair().private, "mailto:spravce@example.org"
    settings.PUSH_TO_LOCAL_ADDRESSES = True


@pytest.fixture
def service() -> Iterator[PushService]:
    """The push service of the browser's vendor."""
    with PushService() as running:
        yield running


@pytest.fixture
def person() -> User:
    return make_member(name="Nováková Jana")


def able_to_subscribe(screen: Screen, browser: Browser) -> None:
    screen.context.grant_permissions(["notifications"], origin=screen.watch.origin)
    screen.context.add_init_script(_SUBSCRIPTIONS % json.dumps(browser.sent._asdict()))


def cancelled_event(person: User) -> int:
    """An event of the person that has just been cancelled."""
    start = timezone.now() + timedelta(days=3)
    event = EventFactory(name="Půlmaraton", status=Status.OPEN, start=start, end=start + timedelta(hours=4))
    put(person, PositionFactory(event=event))
    lifecycle.transition(event.pk, "cancel", by=make_admin(), at=timezone.now())
    return int(event.pk)


def deliver_to(page: Page, plain: dict[str, str]) -> None:
    """Do what the browser does when something has come from its push service and is decrypted."""
    session = page.context.new_cdp_session(page)
    registrations: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registrations.extend(row["registrationId"] for row in event["registrations"]),
    )
    session.send("ServiceWorker.enable")
    page.wait_for_timeout(100)
    session.send(
        "ServiceWorker.deliverPushMessage",
        {
            "origin": page.evaluate("location.origin"),
            "registrationId": registrations[-1],
            "data": json.dumps(plain),
        },
    )


def test_a_member_switches_it_on_is_told_and_opens_the_event(
    open_screen: Screens, service: PushService, person: User
) -> None:
    browser = service.browser()
    screen = open_screen(PHONE, person)
    able_to_subscribe(screen, browser)
    page = screen.open("/profile/")
    page.get_by_role("button", name=SWITCH_ON).tap()
    expect(page.get_by_role("status")).to_contain_text("Upozornění jsou v tomto prohlížeči zapnutá.")
    expect(page.get_by_text("V tomto prohlížeči jsou zapnutá.")).to_be_visible()
    expect(page.get_by_text("tento prohlížeč", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name=SWITCH_ON)).to_be_hidden()
    assert PushSubscription.objects.get().person == person
    screen.inspect_in_both_colours()

    event_id = cancelled_event(person)
    drain()
    (told,) = service.shown(browser)
    assert told["title"] == "Akce zrušena: Půlmaraton"
    deliver_to(page, told)

    (worker,) = screen.context.service_workers
    page.wait_for_timeout(500)
    (shown,) = worker.evaluate(_SHOWN)
    assert (shown["title"], shown["body"], shown["tag"]) == (told["title"], told["body"], told["tag"])
    touched = worker.evaluate(_TOUCH, None)
    assert touched == {"opened": [f"{screen.watch.origin}/events/{event_id}/"], "left": 0}


@pytest.mark.parametrize("path", ["https://example.org/", "//example.org/", "javascript:alert(1)"])
def test_a_notification_leads_nowhere_else(open_screen: Screens, service: PushService, person: User, path: str) -> None:
    screen = open_screen(PHONE, person)
    able_to_subscribe(screen, service.browser())
    page = screen.open("/profile/")
    page.get_by_role("button", name=SWITCH_ON).tap()
    expect(page.get_by_text("V tomto prohlížeči jsou zapnutá.")).to_be_visible()
    (worker,) = screen.context.service_workers
    assert worker.evaluate(_TOUCH, path)["opened"] == [f"{screen.watch.origin}/"]


def test_one_removes_the_browser_and_chooses_what_to_show(
    open_screen: Screens, service: PushService, person: User
) -> None:
    other = subscribed(person, label="Chrome, Windows")
    screen = open_screen(DESKTOP, person)
    able_to_subscribe(screen, service.browser())
    page = screen.open("/profile/")
    page.get_by_role("button", name=SWITCH_ON).click()
    here = page.locator("li:has([data-push-here]:not([hidden]))")
    expect(here).to_be_visible()

    page.get_by_text("Co v prohlížeči zobrazovat").click()
    page.locator("#push-event_published").check()
    screen.inspect_in_both_colours()
    page.get_by_role("button", name="Uložit upozornění v prohlížeči").click()
    expect(page.get_by_role("status")).to_contain_text("Váš výběr oznámení je uložen.")
    assert PushChoice.objects.of(person.pk) == {"event_published": True}

    here.get_by_role("button", name="Odebrat").click()
    expect(page.get_by_role("status")).to_contain_text("Zařízení bylo odebráno.")
    expect(page.get_by_role("button", name=SWITCH_ON)).to_be_visible()
    assert page.evaluate("localStorage.getItem('subscribed')") is None, "the browser has been told as well"
    assert PushSubscription.objects.get() == other


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=lambda device: device.name)
def test_the_card_can_be_used_by_everybody(open_screen: Screens, person: User, device: Device) -> None:
    for label in ("Firefox, Android", "Samsung Internet, Android", ""):
        subscribed(person, label=label, last_used=timezone.now())
    screen = open_screen(device, person)
    page = screen.open("/profile/#push")
    page.get_by_text("Co v prohlížeči zobrazovat").click()
    expect(page.get_by_text("neznámý prohlížeč").first).to_be_visible()
    screen.inspect_in_both_colours()


def test_a_browser_that_must_not_or_cannot_says_so(open_screen: Screens, person: User) -> None:
    cases = {
        "Object.defineProperty(Notification, 'permission', { get: () => 'denied' });": "Tento prohlížeč nesmí",
        "delete window.PushManager;": "Tento prohlížeč neumí",
    }
    for script, words in cases.items():
        screen = open_screen(PHONE, person)
        screen.context.add_init_script(script)
        page = screen.open("/profile/")
        expect(page.get_by_text(words)).to_be_visible()
        expect(page.get_by_role("button", name=SWITCH_ON)).to_be_hidden()


def test_one_that_has_no_service_says_so_too(open_screen: Screens, person: User) -> None:
    """What Chromium here does by itself: nothing of the page is stubbed."""
    screen = open_screen(PHONE, person)
    screen.watch.allow("does not support the Push API")
    screen.context.grant_permissions(["notifications"], origin=screen.watch.origin)
    page = screen.open("/profile/")
    page.get_by_role("button", name=SWITCH_ON).tap()
    expect(page.get_by_role("alert")).to_contain_text("Prohlížeč se nepodařilo spojit")
    assert not PushSubscription.objects.exists()


def test_without_scripts_devices_can_be_removed_and_nothing_is_offered(open_screen: Screens, person: User) -> None:
    subscribed(person)
    page = open_screen(PHONE, person, scripts=False).open("/profile/")
    expect(page.get_by_role("button", name=SWITCH_ON)).to_be_hidden()
    page.get_by_role("button", name="Odebrat Firefox, Android").tap()
    expect(page.get_by_role("status")).to_contain_text("Zařízení bylo odebráno.")
    expect(page.get_by_role("heading", name="Upozornění v tomto prohlížeči")).to_be_hidden()


def test_without_a_key_no_worker_is_offered(open_screen: Screens, site: SiteSettings, person: User, settings) -> None:
    settings.VAPID_PRIVATE_KEY = ""
    screen = open_screen(PHONE, person)
    page = screen.open("/profile/")
    expect(page.get_by_role("heading", name="Upozornění v tomto prohlížeči")).to_have_count(0)
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((found) => found.length)") == 0
