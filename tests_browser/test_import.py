"""A season brought in by an administrator, from the sheet to its events, with three corrections on the way."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from credentials.tests.factories import QualificationFactory, hold
from events.models import Event, SeasonImport
from events.tests.factories import PRAGUE
from notifications.models import OutboxMessage
from roster.tests.factories import UserFactory, make_admin, make_member
from tests_browser.screens import DESKTOP, PHONE, Device, Screen, Screens

pytestmark = pytest.mark.browser

SAMPLE = Path(__file__).resolve().parent.parent / "fixtures" / "season-sample.xlsx"
LIST = "/admin/events/seasonimport/"

#: Rows of the sample.
LEADERLESS, TIMELESS, UNWANTED = "+Noční závod na kolech", "Podzimní jarmark", "Pouť u kapličky"


@pytest.fixture
def people() -> None:
    """People who are here already, two of whom the sheet or somebody names, and the qualifications of the sheet."""
    medic = QualificationFactory(name="Zdravotník zotavovacích akcí", can_lead=True)
    QualificationFactory(name="Zelenáč", direct_substitutes=[medic])
    hold(make_member(name="Nováková Jana"), medic)
    make_member(name="Říha Adam")
    UserFactory.create_batch(40)


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=lambda device: device.name)
def test_three_corrections_and_the_import(open_screen: Screens, people: None, device: Device) -> None:
    screen = open_screen(device, make_admin(name="Veselý Ondřej"))
    page = read_in(screen)
    screen.inspect("an import to look through")
    expect(figures(page)).to_contain_text("Založí se 10 akcí")
    expect(figures(page)).to_contain_text("Vybráno: 10 z 10")

    leave_one_out(page)
    page.get_by_role("link", name=re.compile("^Nevybrané")).click()
    expect(page.locator(".import-rows tbody tr")).to_have_count(1)
    page.get_by_role("link", name=re.compile("^Všechny")).click()

    rename(screen)
    choose_leader(screen)
    give_a_start(page)
    confirm(screen)
    check_events()
    assert not OutboxMessage.objects.exists()

    come_again(screen)


def read_in(screen: Screen) -> Page:
    page = screen.open(LIST)
    page.get_by_label("Plánovací tabulka (XLSX)").set_input_files(SAMPLE)
    page.get_by_role("button", name="Načíst a projít").click()
    expect(page.locator("h1")).to_have_text("season-sample.xlsx")
    return page


def figures(page: Page) -> Locator:
    return page.locator("#import-figures")


def row_of(page: Page, name: str) -> Locator:
    return page.locator(".import-rows tr", has=page.get_by_text(name, exact=True))


def open_row(page: Page, name: str) -> Locator:
    """Open the form of a row in its place."""
    row = row_of(page, name)
    place = row.get_attribute("id")
    row.get_by_role("link", name=f"Opravit: {name}", exact=True).click()
    form = page.locator(f"#{place} form")
    expect(form.get_by_label("Název")).to_have_value(name)
    return form


def keep(form: Locator) -> None:
    form.get_by_role("button", name="Uložit opravu").click()
    expect(form).to_have_count(0)


def rename(screen: Screen) -> None:
    """The first of two races gets a name of its own."""
    form = open_row(screen.page, "Běh zámeckým parkem")
    screen.inspect("a row being corrected")
    form.get_by_label("Název").fill("Běh zámeckým parkem – děti")
    keep(form)
    expect(row_of(screen.page, "Běh zámeckým parkem – děti")).to_be_visible()


def choose_leader(screen: Screen) -> None:
    """Another name than the sheet says: typing finds whose."""
    page = screen.page
    screen.watch.allow("status of 422")
    form = open_row(page, LEADERLESS)
    leader = form.get_by_label("Zodpovědná osoba")
    leader.fill("nikdo takový")
    form.get_by_role("button", name="Uložit opravu").click()
    expect(form.locator(".errorlist")).to_contain_text("Tak se nejmenuje nikdo")
    leader.fill("")
    leader.press_sequentially("nova")
    expect(form.locator("datalist option")).to_have_attribute("value", "Nováková Jana")
    leader.fill("Nováková Jana")
    keep(form)
    expect(row_of(page, LEADERLESS).locator(".import-leader")).to_contain_text("Nováková Jana")


def give_a_start(page: Page) -> None:
    """With a start there are positions, and the figures follow."""
    expect(row_of(page, TIMELESS)).to_contain_text("Chybí čas začátku")
    doubts = figures(page).locator("dd").nth(3).inner_text()
    form = open_row(page, TIMELESS)
    form.get_by_label("Začátek").fill("18:30")
    form.get_by_label("Konec").fill("22")
    keep(form)
    expect(row_of(page, TIMELESS)).not_to_contain_text("Chybí čas začátku")
    expect(row_of(page, TIMELESS)).to_contain_text("18:30–22:00")
    expect(figures(page).locator("dd").nth(3)).not_to_have_text(doubts)


def leave_one_out(page: Page) -> None:
    page.get_by_label(f"Importovat: {UNWANTED}").uncheck()
    expect(figures(page)).to_contain_text("Vybráno: 9 z 10")


def confirm(screen: Screen) -> None:
    page = screen.page
    figures(page).locator("summary", has_text="Importovat").click()
    expect(figures(page)).to_contain_text("Nikdo nedostane žádnou zprávu.")
    screen.inspect("about to import")
    figures(page).get_by_role("button", name="Importovat (9 akcí)").click()
    expect(page.locator(".lead-answer")).to_contain_text("Import proběhl")
    screen.inspect("the report of an import")
    expect(page.locator("#created-events > ul > li")).to_have_count(9)
    expect(page.locator("#skipped-events")).to_contain_text("Nevybráno k importu.")
    page.reload()
    assert Event.objects.count() == 9


def check_events() -> None:
    """What was corrected stands in the events."""
    assert Event.objects.filter(name="Běh zámeckým parkem – děti").count() == 1
    led = Event.objects.get(name=LEADERLESS)
    assert led.responsible_person.name == "Nováková Jana"
    assert led.positions.order_by("pk")[0].occupant == led.responsible_person
    late = Event.objects.get(name=TIMELESS)
    assert f"{late.start.astimezone(PRAGUE):%H:%M}–{late.end.astimezone(PRAGUE):%H:%M}" == "18:30–22:00"
    assert late.positions.exists()
    assert not Event.objects.filter(name=UNWANTED).exists()


def come_again(screen: Screen) -> None:
    """Reading the same sheet once more finds that nearly everything is there."""
    page = read_in(screen)
    expect(figures(page)).to_contain_text("Založí se 2 akce")
    page.get_by_role("link", name=re.compile("^Už existují")).click()
    expect(page.locator(".import-rows tbody tr")).to_have_count(8)
    figures(page).locator("summary", has_text="Zahodit").click()
    figures(page).get_by_role("button", name="Zahodit").click()
    expect(page).to_have_url(re.compile(f"{LIST}$"))
    assert SeasonImport.objects.count() == 1


def test_without_scripts(open_screen: Screens, people: None) -> None:
    """Every step has a button or a page of its own."""
    screen = open_screen(DESKTOP, make_admin(), scripts=False)
    page = read_in(screen)
    row_of(page, "Běh zámeckým parkem").get_by_role("link", name="Opravit: Běh zámeckým parkem").click()
    page.get_by_label("Zodpovědná osoba").fill("Jana Nováková")
    page.get_by_role("button", name="Uložit opravu").click()
    expect(row_of(page, "Běh zámeckým parkem").locator(".import-leader")).to_contain_text("Nováková Jana")
    page.get_by_role("button", name="Nevybrat žádný").click()
    expect(figures(page)).to_contain_text("Vybráno: 0 z 10")
    page.get_by_label("Importovat: Běh zámeckým parkem", exact=True).check()
    page.get_by_role("button", name="Uložit výběr na této stránce").click()
    figures(page).locator("summary", has_text="Importovat").click()
    figures(page).get_by_role("button", name="Importovat (1 akce)").click()
    expect(page.locator(".lead-answer")).to_contain_text("Import proběhl")
    assert Event.objects.get().responsible_person.name == "Nováková Jana"
