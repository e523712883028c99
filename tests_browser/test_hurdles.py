"""The same work without scripts, without a mouse, in two tabs at once, with a wrong password, without the right."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from events.models import Assignment, Event
from events.tests.factories import EventFactory, PositionFactory
from roster.models import User
from roster.tests.factories import PASSWORD, make_coordinator, make_member
from tests_browser.cast import in_days
from tests_browser.screens import DESKTOP, PHONE, Screens

pytestmark = pytest.mark.browser

POSITION = "Zelenáč"
CLAIM = f"Přihlásit se na pozici {POSITION}"
REFUSED_LOGIN = "E-mail nebo heslo"


def event_with_one_place() -> Event:
    event = EventFactory(name="Koncert v parku", start=in_days(2), end=in_days(2, 22))
    PositionFactory(event=event, description=POSITION)
    return event


def is_on(event: Event, person: User) -> bool:
    return Assignment.objects.filter(event=event, person=person).exists()


class TestWithoutScripts:
    def test_one_signs_up_and_off(self, open_screen: Screens) -> None:
        person, event = make_member(), event_with_one_place()
        page = open_screen(PHONE, person, scripts=False).open(f"/events/{event.pk}/")
        page.get_by_role("button", name=CLAIM).tap()
        expect(page.get_by_role("status")).to_contain_text("Jste přihlášeni na akci Koncert v parku")
        assert is_on(event, person)

        page.locator("summary", has_text="Odhlásit se").tap()
        page.locator(".confirm-panel").get_by_role("button", name="Odhlásit se").tap()
        expect(page.get_by_role("status")).to_contain_text("Odhlásili jsme vás z akce Koncert v parku.")
        assert not is_on(event, person)

    def test_one_signs_up_from_the_list_and_stays_there(self, open_screen: Screens) -> None:
        person, event = make_member(), event_with_one_place()
        page = open_screen(PHONE, person, scripts=False).open("/events/?q=koncert")
        page.get_by_role("button", name="Přihlásit se na akci Koncert v parku").tap()
        expect(page).to_have_url("/events/?q=koncert")
        expect(page.locator(f"#event-{event.pk}")).to_contain_text("Přihlášen")

    def test_one_filters_the_list(self, open_screen: Screens) -> None:
        event_with_one_place()
        EventFactory(name="Hokej", start=in_days(3), end=in_days(3, 22))
        page = open_screen(DESKTOP, make_member(), scripts=False).open("/events/")
        page.get_by_role("searchbox").fill("kóncert")
        page.get_by_role("searchbox").press("Enter")
        expect(page.get_by_role("link", name="Koncert v parku", exact=True)).to_be_visible()
        expect(page.get_by_role("link", name="Hokej", exact=True)).to_have_count(0)

    def test_one_chooses_the_colours(self, open_screen: Screens) -> None:
        page = open_screen(PHONE, make_member(), scripts=False).open("/")
        page.locator(".theme-toggle button:visible").first.tap()
        expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
        page.reload()
        expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


class TestWithTheKeyboard:
    def test_one_signs_up_and_off(self, open_screen: Screens) -> None:
        person, event = make_member(), event_with_one_place()
        page = open_screen(DESKTOP, person).open(f"/events/{event.pk}/")
        tab_to(page, CLAIM)
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("Jste přihlášeni na akci Koncert v parku")

        tab_to(page, "Odhlásit se…")
        page.keyboard.press("Enter")
        tab_to(page, "Odhlásit se")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status").last).to_contain_text("Odhlásili jsme vás")
        assert not is_on(event, person)

    def test_the_first_stop_leads_past_the_navigation(self, open_screen: Screens) -> None:
        page = open_screen(DESKTOP, make_member()).open("/events/")
        page.keyboard.press("Tab")
        assert name_of_focus(page) == "Přeskočit na obsah"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.locator("main a, main button, main input").first).to_be_focused()


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is on the control of that name, wherever it is now."""
    for _stop in range(60):
        page.keyboard.press("Tab")
        if name_of_focus(page) == name:
            return
    pytest.fail(f"“{name}” cannot be reached with the keyboard.")


def name_of_focus(page: Page) -> str:
    """Return what the focused control calls itself."""
    name = page.evaluate("() => document.activeElement.ariaLabel || document.activeElement.innerText || ''")
    return " ".join(name.split())


class TestTwoAtOnce:
    def test_the_second_one_at_the_last_place_is_told_and_sees_who_has_it(self, open_screen: Screens) -> None:
        event = event_with_one_place()
        quick, slow = make_member(name="Rychlá Jana"), make_member(name="Pomalý Jan")
        first, second = (open_screen(PHONE, person) for person in (quick, slow))
        for screen in (first, second):
            screen.open(f"/events/{event.pk}/")
        second.watch.allow("status of 409")
        first.page.get_by_role("button", name=CLAIM).tap()
        expect(first.page.get_by_role("status")).to_contain_text("Jste přihlášeni")

        second.page.get_by_role("button", name=CLAIM).tap()
        expect(second.page.get_by_role("alert")).to_contain_text("Přihlášky na tuto akci nejsou otevřené.")
        expect(second.page.locator("#event-crew")).to_contain_text("Rychlá Jana")
        second.inspect("a lost race")
        assert not is_on(event, slow)

    def test_a_form_that_has_grown_stale_changes_nothing(self, open_screen: Screens) -> None:
        person = make_member(phone="601111111")
        screen = open_screen(DESKTOP, person)
        screen.watch.allow("status of 409")
        old, new = screen.open("/profile/"), screen.context.new_page()
        new.goto("/profile/")
        new.get_by_label("Telefon").fill("602222222")
        new.get_by_role("button", name="Uložit osobní údaje").click()
        expect(new.get_by_role("status")).to_be_visible()

        old.get_by_label("Telefon").fill("603333333")
        old.get_by_role("button", name="Uložit osobní údaje").click()
        expect(old.get_by_role("alert")).to_contain_text("Záznam byl mezitím změněn")
        expect(old.get_by_label("Telefon")).to_have_value("602222222")
        screen.inspect("a stale form")

    def test_a_stale_step_in_the_backoffice_changes_nothing(self, open_screen: Screens) -> None:
        event = event_with_one_place()
        screen = open_screen(DESKTOP, make_coordinator())
        address = f"/admin/events/event/{event.pk}/change/"
        old, new = screen.open(address), screen.context.new_page()
        new.goto(address)
        new.locator("#id_address").fill("Jinde")
        new.locator("[name=_save]").click()
        expect(new.locator(".messagelist .success")).to_be_visible()

        step = old.locator("details.step", has=old.locator("form[action$='/step/close/']"))
        step.locator("summary").click()
        step.locator("form button").click()
        expect(old.locator(".messagelist .error")).to_contain_text("Záznam byl mezitím změněn")
        event.refresh_from_db()
        assert event.status == Event.Status.OPEN


class TestLogin:
    def test_five_failures_lock_the_account_even_for_the_right_password(self, open_screen: Screens) -> None:
        person = make_member(email="petr@example.org")
        screen = open_screen(PHONE)
        page = screen.open("/login/")
        for _attempt in range(5):
            log_in(page, person, "wrong")
            expect(page.get_by_role("alert")).to_contain_text(REFUSED_LOGIN)
        log_in(page, person, PASSWORD)
        expect(page.get_by_role("alert")).to_contain_text(REFUSED_LOGIN)
        screen.inspect("a refused login")

    def test_one_comes_to_where_one_wanted_to_go_and_leaves_again(self, open_screen: Screens) -> None:
        person, event = make_member(), event_with_one_place()
        page = open_screen(PHONE).open(f"/events/{event.pk}/")
        expect(page).to_have_url(f"/login/?next=/events/{event.pk}/")
        log_in(page, person, PASSWORD)
        expect(page.get_by_role("heading", name=event.name)).to_be_visible()
        page.locator(".site-header details.menu > summary").tap()
        page.get_by_role("button", name="Odhlásit", exact=True).tap()
        expect(page.get_by_role("heading", name="Přihlásit se")).to_be_visible()
        page.goto("/")
        expect(page).to_have_url("/login/?next=/")

    def test_a_session_that_ended_leads_a_touch_to_the_login_page(self, open_screen: Screens) -> None:
        """The answer of a background request must not be pasted into the page."""
        person, event = make_member(), event_with_one_place()
        screen = open_screen(PHONE, person)
        page = screen.open(f"/events/{event.pk}/")
        screen.context.clear_cookies(name="sessionid")
        page.get_by_role("button", name=CLAIM).tap()
        expect(page).to_have_url(re.compile("/login/"))
        log_in(page, person, PASSWORD)
        expect(page.get_by_role("heading", name=event.name)).to_be_visible()


def log_in(page: Page, person: User, password: str) -> None:
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Heslo").fill(password)
    with page.expect_navigation():
        page.get_by_role("button", name="Přihlásit se").click()


class TestRefusedPages:
    @pytest.mark.parametrize(
        ("path", "status", "heading"),
        [
            ("/admin/", 403, "Sem nemáte přístup"),
            ("/events/999999/", 404, "Taková stránka tu není"),
            ("/neznama/", 404, "Taková stránka tu není"),
        ],
    )
    def test_say_so_kindly_and_lead_home(self, open_screen: Screens, path: str, status: int, heading: str) -> None:
        screen = open_screen(PHONE, make_member())
        screen.watch.allow(f"status of {status}")
        answer = screen.page.goto(path)
        assert answer is not None
        assert answer.status == status
        expect(screen.page.get_by_role("heading")).to_have_text(heading)
        screen.inspect()
        screen.page.get_by_role("link", name="Na přehled").tap()
        expect(screen.page.get_by_role("heading", name="Přehled", exact=True)).to_be_visible()
