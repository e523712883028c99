"""The table manager: a coordinator changes many events without leaving the page, with the keyboard as well."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from credentials.tests.factories import hold
from events.models import Event
from roster.tests.factories import make_coordinator, make_member
from tests_browser.cast import Skills, in_days, make_event, make_skills
from tests_browser.screens import DESKTOP, Screen, Screens

pytestmark = pytest.mark.browser


@pytest.fixture
def skills() -> Skills:
    return make_skills()


@pytest.fixture
def concert(skills: Skills) -> Event:
    return make_event(skills, "Koncert v parku", in_days(3, 20))


@pytest.fixture
def desk(open_screen: Screens, concert: Event) -> Screen:
    screen = open_screen(DESKTOP, make_coordinator())
    screen.open(f"/admin/events/masterevent/{concert.master_event_id}/table/")
    return screen


def row(page: Page, name: str) -> Locator:
    return page.locator("tbody.table-event", has=page.get_by_role("link", name=name, exact=True))


def again(event: Event) -> Event:
    return Event.objects.get(pk=event.pk)


def test_times_follow_the_buttons_and_the_focus_stays(desk: Screen, concert: Event) -> None:
    page = desk.page
    later = row(page, concert.name).get_by_role("button", name="O den později: Koncert v parku")
    later.focus()
    page.keyboard.press("Enter")
    expect(later).to_be_focused()
    expect(row(page, concert.name).locator("[name=version]")).to_have_value("2")
    row(page, concert.name).get_by_role("button", name="Konec o hodinu později: Koncert v parku").click()
    expect(row(page, concert.name).locator("[name=version]")).to_have_value("3")
    moved = again(concert)
    assert moved.start - concert.start == timedelta(days=1)
    assert moved.end - concert.end == timedelta(days=1, hours=1)
    desk.inspect_in_both_colours()


def test_rows_find_their_place_and_the_filter_hides_what_is_over(desk: Screen, skills: Skills, concert: Event) -> None:
    make_event(skills, "Ples", in_days(4, 20))
    make_event(skills, "Dávno", in_days(2, 20), status="completed")
    page = desk.open(f"/admin/events/masterevent/{concert.master_event_id}/table/")
    expect(row(page, "Dávno")).to_be_hidden()
    page.get_by_role("button", name="Dokončena").click()
    expect(row(page, "Dávno")).to_be_visible()
    names = page.locator("tbody.table-event .cell-name > a")
    expect(names).to_have_text(["Dávno", "Koncert v parku", "Ples"])
    for version in ("2", "3"):
        row(page, concert.name).get_by_role("button", name="O den později: Koncert v parku").click()
        expect(row(page, concert.name).locator("[name=version]")).to_have_value(version)
    expect(names).to_have_text(["Dávno", "Ples", "Koncert v parku"])


def test_a_name_is_changed_and_somebody_placed_in_a_dialog(desk: Screen, skills: Skills, concert: Event) -> None:
    medic = make_member(name="Dvořáková Alena")
    hold(medic, skills.medic)
    page, dialog = desk.page, desk.page.locator("#table-dialog")
    row(page, concert.name).get_by_role("button", name="Upravit název, časy a barvu: Koncert v parku").click()
    dialog.get_by_label("Název").fill("Koncert na louce")
    dialog.get_by_role("button", name="Přejmenovat").click()
    expect(dialog).to_be_hidden()
    free = row(page, "Koncert na louce").get_by_role("button", name="Přiřadit někoho: Koncert na louce")
    free.first.focus()
    page.keyboard.press("Space")
    dialog.get_by_label("Hledat podle jména nebo e-mailu").press_sequentially("dvor")
    desk.inspect("the dialog for a person")
    dialog.get_by_role("button", name="Dvořáková Alena").click()
    expect(row(page, "Koncert na louce")).to_contain_text("Dvořáková Alena")
    assert again(concert).assignments.get().person == medic


def test_what_somebody_else_has_changed_is_shown_anew(desk: Screen, concert: Event) -> None:
    desk.watch.allow("status of 409")
    Event.objects.filter(pk=concert.pk).update(version=5, name="Jiný název")
    page = desk.page
    row(page, "Koncert v parku").get_by_role("button", name="O den později: Koncert v parku").click()
    expect(page.locator("#messages")).to_contain_text("mezitím změněn")
    expect(row(page, "Jiný název")).to_be_visible()
