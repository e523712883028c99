"""Signing up, on phones, for an event staffed by conditions: first come, first served, but not on the last seats."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from credentials.tests.factories import hold
from events.models import Event
from events.rules.lifecycle import Status
from events.tests.stories import make_capacity_event
from medcover.system.models import SiteSettings
from roster.tests.factories import make_member
from tests_browser.cast import in_days, make_skills
from tests_browser.screens import PHONE, Screen, Screens

pytestmark = pytest.mark.browser

NAME = "Cyklozávod Hostivař"
RESERVED = "Zbývající místa jsou vyhrazena pro chybějící kvalifikace"


def test_the_last_seats_are_kept_for_those_who_are_missing(open_screen: Screens, site: SiteSettings) -> None:
    skills = make_skills()
    start, end = in_days(3), in_days(3, 22)
    event = make_capacity_event(
        {skills.medic: 1, skills.driver: 1}, minimum=2, maximum=3, name=NAME, start=start, end=end
    )
    medic, rookie, third, driver = (
        make_member(name=name) for name in ("Dvořáková Alena", "Černý Dan", "Malý Karel", "Svoboda Radim")
    )
    hold(medic, skills.medic)
    hold(driver, skills.driver)
    phones = {person: open_screen(PHONE, person) for person in (medic, rookie, third, driver)}
    phones[third].open(f"/events/{event.pk}/")  # while a seat is still for anybody

    join_from_page(phones[medic], event)
    join_from_list(phones[rookie], event)
    be_refused(phones[third], event)
    take_back(phones[rookie], event)
    join_from_page(phones[driver], event)
    expect(phones[driver].page.locator("#event-summary")).to_contain_text("Připraveno")
    expect(phones[driver].page.locator("#event-summary")).to_contain_text("Přihlášky uzavřeny")

    event.refresh_from_db()
    assert set(event.assignments.values_list("person__name", flat=True)) == {medic.name, rookie.name, driver.name}
    assert (event.status, event.capacity_closed, event.responsible_person) == (Status.CLOSED, True, medic)


def join_from_page(phone: Screen, event: Event) -> None:
    """One touch on the page; the answer comes in place."""
    page = phone.open(f"/events/{event.pk}/")
    phone.inspect_in_both_colours()
    page.get_by_role("button", name="Přihlásit se na akci").tap()
    expect(page.get_by_role("status")).to_contain_text(f"Jste přihlášeni na akci {NAME}.")
    expect(page.locator("#event-crew .place.is-mine")).to_contain_text("(vy)")
    expect(page.locator("#seat")).to_be_focused()
    phone.inspect("an event with conditions that one has just joined")


def join_from_list(phone: Screen, event: Event) -> None:
    page = phone.open("/events/")
    phone.inspect_in_both_colours()
    page.get_by_role("button", name=f"Přihlásit se na akci {NAME}").tap()
    expect(page.locator(f"#event-{event.pk}")).to_contain_text("Přihlášen")
    expect(page.locator(f"#event-{event.pk}")).to_contain_text("2 / 2 / 3")


def be_refused(phone: Screen, event: Event) -> None:
    """The page that still shows the button is told why not, and from then on the sentence stands in its place."""
    phone.watch.allow("status of 409")
    page = phone.page
    page.get_by_role("button", name="Přihlásit se na akci").tap()
    expect(page.get_by_role("alert")).to_contain_text(f"{RESERVED} (Řidič ×1)")
    expect(page.locator("#seat")).to_contain_text(RESERVED)
    expect(page.get_by_role("button", name="Přihlásit se na akci")).to_have_count(0)
    phone.inspect("a kept seat")
    phone.open("/events/")
    expect(page.locator(f"#event-{event.pk} button")).to_have_count(0)


def take_back(phone: Screen, event: Event) -> None:
    """Sign off, and take it back with the button in the message."""
    page = phone.open(f"/events/{event.pk}/")
    page.locator("summary", has_text="Odhlásit se").tap()
    page.get_by_role("button", name="Odhlásit se").tap()
    expect(page.get_by_role("status")).to_contain_text(f"Odhlásili jsme vás z akce {NAME}.")
    page.get_by_role("button", name="Vzít zpět").tap()
    expect(page.get_by_role("status").last).to_contain_text(f"Jste přihlášeni na akci {NAME}.")
    expect(page.locator("#event-crew .place.is-mine")).to_contain_text("(vy)")


def test_it_works_without_scripts(open_screen: Screens, site: SiteSettings) -> None:
    skills, person = make_skills(), make_member()
    event = make_capacity_event({skills.medic: 1}, name=NAME, start=in_days(3), end=in_days(3, 22))
    page = open_screen(PHONE, person, scripts=False).open(f"/events/{event.pk}/")
    page.get_by_role("button", name="Přihlásit se na akci").tap()
    expect(page.get_by_role("status")).to_contain_text(f"Jste přihlášeni na akci {NAME}.")
    assert event.assignments.get().person == person
    page.locator("summary", has_text="Odhlásit se").tap()
    page.locator(".confirm-panel").get_by_role("button", name="Odhlásit se").tap()
    expect(page.get_by_role("status")).to_contain_text("Odhlásili jsme vás")
    page.get_by_role("button", name="Vzít zpět").tap()
    expect(page.get_by_role("status")).to_contain_text(f"Jste přihlášeni na akci {NAME}.")
