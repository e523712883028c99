"""Planning by conditions at the desk: a coordinator describes the demand, opens sign-ups and places people."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from credentials.tests.factories import hold
from events.models import Event
from events.rules.lifecycle import Status
from events.tests.factories import PositionFactory, put
from events.tests.stories import make_capacity_event, place
from medcover.system.models import AuditEntry
from roster.models import User
from roster.tests.factories import make_coordinator, make_member
from tests_browser.cast import Skills, in_days, make_event, make_skills
from tests_browser.screens import DESKTOP, PHONE, Screen, Screens

pytestmark = pytest.mark.browser

NAME = "Cyklozávod Hostivař"


@pytest.fixture
def skills() -> Skills:
    return make_skills()


@pytest.fixture
def busy_medic(skills: Skills) -> User:
    """A medic who has a duty at the time already."""
    medic = make_member(name="Dvořáková Alena")
    hold(medic, skills.medic)
    other = make_event(skills, "Koncert v parku", in_days(3, 20))
    put(medic, other.positions.first())
    return medic


def test_from_an_empty_form_to_an_exception(open_screen: Screens, skills: Skills, busy_medic: User) -> None:
    make_member(name="Malý Karel")
    desk = open_screen(DESKTOP, make_coordinator(name="Nováková Jana"))
    plan(desk, skills)
    event = Event.objects.get(name=NAME)
    assert [(row.qualification.name, row.minimum) for row in event.conditions.all()] == [
        ("Řidič", 1),
        ("Zdravotník", 1),
    ]
    assert event.status == Status.OPEN

    assign_with_a_reason(desk, event, busy_medic)
    page = desk.page
    expect(page.locator(".crew")).to_contain_text("Dvořáková Alena")
    expect(page.locator(".crew")).to_contain_text("Zodpovědná osoba")
    expect(page.locator(".crew")).to_contain_text("0/1 – chybí 1")
    expect(page.locator("#history")).to_contain_text("výjimka: Stihne oboje, je to vedle.")
    assert event.assignments.get().person == busy_medic
    assert AuditEntry.objects.filter(event_id=event.pk, summary__contains="Stihne oboje").exists()
    desk.inspect_in_both_colours()


def plan(desk: Screen, skills: Skills) -> None:
    """Fill in the form; the conditions are put in order with the buttons, one is added and thrown away."""
    page = desk.open("/admin/events/event/add/")
    expect(page.locator(".positions")).to_be_hidden()
    page.get_by_label("Pozice: každá pro jednoho člověka").check()
    expect(page.locator(".conditions")).to_be_hidden()
    page.get_by_label("Podmínky: kolik lidí").check()
    page.locator("#id_name").fill(NAME)
    for field, moment in [("start", in_days(3)), ("end", in_days(3, 22))]:
        for part, pattern in enumerate(["%d.%m.%Y", "%H:%M"]):
            control = page.locator(f"#id_{field}_{part}")
            control.fill(moment.strftime(pattern))
            control.press("Tab")
    page.get_by_label("Minimum účastníků").fill("2")
    page.get_by_label("Maximum účastníků").fill("4")
    condition(page, 0, skills.medic.name, 1)
    condition(page, 1, skills.driver.name, 1)
    page.get_by_role("button", name="Přidat podmínku").click()
    page.locator("#conditions-3 .inline-deletelink").click()
    page.locator("#conditions-1").get_by_title("Posunout nahoru").click()
    expect(page.locator("#conditions-0 option:checked")).to_have_text("Řidič")
    desk.inspect_in_both_colours()
    page.get_by_role("button", name="Vytvořit a otevřít přihlášky").click()
    expect(page.locator(".row-summary")).to_contain_text("0 / 2 / 4 účastníků")


def condition(page: Page, number: int, name: str, minimum: int) -> None:
    row = page.locator(f"#conditions-{number}")
    row.locator("select").select_option(label=name)
    row.get_by_label("Minimum").fill(str(minimum))


def assign_with_a_reason(desk: Screen, event: Event, person: User) -> None:
    """Find the person by typing; the list says what they would cover and what speaks against them."""
    page = desk.page
    page.get_by_role("link", name="Přiřadit účastníka").click()
    desk.inspect_in_both_colours()
    page.get_by_label("Jméno nebo e-mail").press_sequentially("dvorak")
    expect(page.locator(".candidate")).to_have_count(1)
    expect(page.locator(".candidate")).to_contain_text("Pokryje, co chybí: Zdravotník")
    expect(page.locator(".candidate")).to_contain_text("Koncert v parku")
    page.get_by_role("button", name=f"Přiřadit s důvodem… {person.name}").click()
    expect(page.locator(".lead-answer")).to_contain_text("Koncert v parku")
    desk.inspect("the question for a reason")
    page.get_by_label("Důvod výjimky").fill("Stihne oboje, je to vedle.")
    page.get_by_role("button", name="Přiřadit výjimečně").click()
    expect(page.locator(".messagelist .success")).to_contain_text(person.name)


def test_without_scripts_both_parts_stand_there_and_the_chosen_one_counts(open_screen: Screens, skills: Skills) -> None:
    page = open_screen(DESKTOP, make_coordinator(), scripts=False).open("/admin/events/event/add/")
    page.locator("#id_name").fill(NAME)
    for field, moment in [("start", in_days(3)), ("end", in_days(3, 22))]:
        page.locator(f"#id_{field}_0").fill(moment.strftime("%d.%m.%Y"))
        page.locator(f"#id_{field}_1").fill(moment.strftime("%H:%M"))
    page.get_by_label("Minimum účastníků").fill("1")
    page.get_by_label("Maximum účastníků").fill("2")
    condition(page, 0, skills.medic.name, 1)
    condition(page, 1, skills.driver.name, 1)
    page.locator("#conditions-1").get_by_label("Pořadí").fill("1")
    page.locator("#conditions-0").get_by_label("Pořadí").fill("2")
    page.get_by_role("button", name="Vytvořit akci").click()
    expect(page.locator(".row-summary")).to_contain_text("Koncept")
    names = [row.qualification.name for row in Event.objects.get(name=NAME).conditions.all()]
    assert names == ["Řidič", "Zdravotník"]


def test_a_participant_who_can_lead_places_people_from_the_phone(open_screen: Screens, skills: Skills) -> None:
    leader, driver, rookie = (make_member(name=name) for name in ("Dvořáková Alena", "Svoboda Radim", "Černý Dan"))
    hold(leader, skills.medic)
    hold(driver, skills.driver)
    event = make_capacity_event(
        {skills.medic: 1, skills.driver: 1}, minimum=2, maximum=3, name=NAME, start=in_days(3), end=in_days(3, 22)
    )
    place(event, leader, rookie)
    phone = open_screen(PHONE, leader)
    page = phone.open(f"/events/{event.pk}/")
    phone.inspect_in_both_colours()
    page.get_by_role("link", name="Přiřadit účastníka").tap()
    expect(page.get_by_label("Jméno nebo e-mail")).to_be_visible()
    phone.inspect_in_both_colours()
    page.get_by_label("Jméno nebo e-mail").press_sequentially("svobod")
    expect(page.locator("#candidates .place")).to_have_count(1)
    page.get_by_role("button", name="Přiřadit Svoboda Radim").tap()
    expect(page.get_by_role("status").first).to_contain_text("Svoboda Radim")
    page.locator("#event-crew .place", has_text="Černý Dan").locator("summary").tap()
    phone.inspect("about to take somebody off")
    page.get_by_role("button", name="Odhlásit: Černý Dan").tap()
    expect(page.get_by_role("status").first).to_contain_text("Černý Dan")
    assert set(event.assignments.values_list("person__name", flat=True)) == {leader.name, driver.name}


def test_converting_asks_first(open_screen: Screens, skills: Skills) -> None:
    event = make_event(skills, NAME, in_days(3))
    put(make_member(name="Černý Dan"), PositionFactory(event=event, description="Kuchař"))
    desk = open_screen(DESKTOP, make_coordinator())
    page = desk.open(f"/admin/events/event/{event.pk}/change/")
    page.get_by_role("link", name="Převést na podmínky…").click()
    expect(page.locator(".losses")).to_contain_text("Černý Dan – Kuchař")
    desk.inspect_in_both_colours()
    page.get_by_role("button", name="Převést obsazení na podmínky").click()
    expect(page.locator(".crew")).to_contain_text("Černý Dan")
    event.refresh_from_db()
    assert event.by_conditions
