"""Equipment from the shelf to a person, into service and back, and each of its pages on a phone and on a desk."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from equipment.models import EquipmentItem, Issue, Link
from equipment.tests.factories import ItemFactory, LocationFactory, document_of, issued, out_of_service, repair_of
from roster.rights import Role
from roster.tests.factories import UserFactory, make_admin, make_member
from roster.tests.pictures import drawing, saved
from tests_browser.screens import DESKTOP, PHONE, Device, Screens

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_taken_reported_repaired_and_returned(open_screen: Screens, scripts: bool) -> None:
    member, technician = make_member(name="Dvořák Petr"), UserFactory(roles=[Role.TECHNICIAN])
    item = ItemFactory(name="AED 1", location=LocationFactory(name="Garáž"))

    page = open_screen(PHONE, member, scripts=scripts).open("/equipment/")
    page.get_by_role("button", name="Vzít s sebou AED 1").tap()
    expect(page.get_by_role("status")).to_contain_text("byla vydána vám")
    page.get_by_role("link", name="AED 1").tap()
    page.get_by_role("link", name="Ohlásit stav").tap()
    page.get_by_label("Potřebuje servis").check()
    page.get_by_label("Popis").fill("Nedrží baterie.")
    page.get_by_role("button", name="Odeslat hlášení").tap()
    expect(page.locator(".lead-answer")).to_contain_text("Mimo provoz")

    repairing = open_screen(DESKTOP, technician, scripts=scripts).open(f"/equipment/{item.pk}/")
    expect(repairing.get_by_text("Nedrží baterie.").first).to_be_visible()
    repairing.get_by_role("link", name="Ve frontě závad").click()
    repairing.get_by_role("button", name="Převzít AED 1").click()
    repairing.get_by_text("Vyřešit…").click()
    repairing.get_by_label("Co bylo uděláno?").fill("Vyměněna baterie.")
    repairing.get_by_role("button", name="Zase funguje").click()
    expect(repairing.get_by_role("status")).to_contain_text("vyřešená")
    repairing.goto(f"/equipment/{item.pk}/")
    expect(repairing.locator(".lead-answer")).to_contain_text("V provozu")

    page.goto("/profile/")
    page.get_by_role("button", name="Vrátit AED 1").tap()
    expect(page.get_by_role("status")).to_contain_text("byla vrácena")
    assert not Issue.objects.open().exists()
    assert EquipmentItem.objects.available_at(timezone.now()).exists()


def test_a_card_is_moved_by_mouse_and_by_keys(open_screen: Screens) -> None:
    technician, row = UserFactory(roles=[Role.TECHNICIAN]), repair_of(ItemFactory(name="AED 1"))
    screen = open_screen(DESKTOP, technician)
    screen.watch.allow("status of 409")
    page = screen.open("/equipment/repairs/kanban/")
    grip, said = page.get_by_role("button", name="Přesunout AED 1", exact=True), page.locator("[data-board-said]")
    box, goal = grip.bounding_box(), page.locator("[data-board-column=in_progress]").bounding_box()
    assert box
    assert goal
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(goal["x"] + 60, goal["y"] + 15, steps=20)
    page.wait_for_timeout(300)  # whoever drags is looked for twenty times a second
    page.mouse.up()
    expect(said).to_contain_text("V řešení")
    grip.focus()
    page.keyboard.press("ArrowLeft")
    expect(said).to_contain_text("Přiřazená")
    expect(grip).to_be_focused()
    type(row).objects.update(version=99)
    page.keyboard.press("ArrowRight")
    expect(said).to_contain_text("mezitím")
    expect(page.locator("[data-board-column=assigned]")).to_contain_text("AED 1")


def test_a_card_is_moved_in_a_dialog(open_screen: Screens) -> None:
    technician, row = UserFactory(roles=[Role.TECHNICIAN]), repair_of(ItemFactory(name="AED 1"))
    other = repair_of(ItemFactory(name="AED 2"), status="assigned")
    screen = open_screen(PHONE, technician)
    screen.watch.allow("status of 409")
    page = screen.open("/equipment/repairs/kanban/")
    dialog, said = page.get_by_role("dialog"), page.locator("[data-board-said]")
    opener = page.locator(f"[data-board-card='{row.pk}']").get_by_role("link", name="Přesunout…")
    opener.tap()
    expect(dialog).to_contain_text("Přesunout AED 1")
    expect(dialog.get_by_label("Stav")).to_have_value("new")
    screen.inspect("dialog")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    opener.tap()
    dialog.get_by_label("Stav").select_option("parts_needed")
    dialog.get_by_role("button", name="Přesunout").tap()
    expect(said).to_contain_text("„AED 1“ je nyní ve stavu: Chybí díly")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    expect(page.locator("[data-board-column=parts_needed]")).to_contain_text("AED 1")

    type(row).objects.filter(pk=other.pk).update(version=99)
    page.locator(f"[data-board-card='{other.pk}']").get_by_role("link", name="Přesunout…").tap()
    expect(dialog.get_by_label("Stav")).to_have_value("assigned")
    dialog.get_by_label("Stav").select_option("in_progress")
    dialog.get_by_role("button", name="Přesunout").tap()
    expect(said).to_contain_text("mezitím")
    expect(page.locator("[data-board-column=assigned]")).to_contain_text("AED 2")
    assert (*type(row).objects.order_by("pk").values_list("status", flat=True),) == ("parts_needed", "assigned")


def test_a_card_is_moved_without_scripts(open_screen: Screens) -> None:
    technician, row = UserFactory(roles=[Role.TECHNICIAN]), repair_of(ItemFactory(name="AED 1"))
    page = open_screen(DESKTOP, technician, scripts=False).open("/equipment/repairs/kanban/")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("button", name="Přesunout AED 1")).to_be_hidden()
    page.get_by_role("link", name="Přesunout… AED 1").click()
    page.locator("[name=status]").select_option("in_progress")
    page.get_by_role("button", name="Uložit").click()
    expect(page.get_by_role("status")).to_be_visible()
    row.refresh_from_db()
    assert row.status == "in_progress"


def test_a_photo_from_a_phone(open_screen: Screens, tmp_path: Path) -> None:
    item, photo = ItemFactory(name="AED 1"), tmp_path / "IMG_0001.heic"
    photo.write_bytes(saved(drawing((1600, 1200)), "HEIF"))
    page = open_screen(PHONE, make_admin()).open(f"/equipment/{item.pk}/")
    page.get_by_label("Přidat fotku").set_input_files(photo)
    page.locator("form[action$='/photos/']").get_by_role("button", name="Přidat", exact=True).tap()
    shown = page.get_by_role("img", name="AED 1, fotka 1")
    expect(shown).to_be_visible()
    assert shown.evaluate("async (image) => { await image.decode(); return image.naturalWidth > 1000; }")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_the_history_is_there_for_whoever_asks(open_screen: Screens, scripts: bool) -> None:
    item, now = ItemFactory(name="AED 1"), timezone.now()
    issued(make_member(name="Dvořák Petr"), item, returned_at=now + timedelta(hours=1))
    page = open_screen(PHONE, make_admin(), scripts=scripts).open(f"/equipment/{item.pk}/")
    expect(page.get_by_text("Dvořák Petr")).to_be_hidden()
    page.get_by_role("link", name="Zobrazit historii").tap()
    expect(page.get_by_text("Dvořák Petr")).to_be_visible()
    if scripts:
        expect(page.locator("#item-history")).to_be_focused()
        expect(page.get_by_role("heading", name="Dostupnost")).to_be_visible()
    else:
        page.get_by_role("link", name="AED 1").tap()
        expect(page.get_by_role("link", name="Zobrazit historii")).to_be_visible()


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=lambda device: device.name)
def test_pages(open_screen: Screens, device: Device) -> None:
    admin = make_admin(name="Novák-Procházkovský Maxmilián Bartoloměj")
    mine = ItemFactory(name="Zdravotnický batoh pro dvoučlennou hlídku na dlouhé akce v terénu", place="Regál 2")
    issued(admin, mine)
    out_of_service(mine, timezone.now(), reason="Praskl zip.")
    document_of(mine)
    Link.objects.create(item=mine, title="Návod", url="https://example.org")
    free = ItemFactory(location=LocationFactory())
    repair = repair_of(free, severity="degraded", is_safety_risk=True, assignee=admin, eta=timezone.localdate())
    repair_of(mine, description="Praskl zip hlavní kapsy a chybí dva chladicí polštářky.", is_consumable=True)
    screen = open_screen(device, admin)
    for path in (
        "/equipment/", "/equipment/?q=nic+takov%C3%A9ho", "/equipment/types/", f"/equipment/{mine.pk}/",
        f"/equipment/{mine.pk}/history/", f"/equipment/{free.pk}/", f"/equipment/{free.pk}/issue/",
        f"/equipment/{mine.pk}/report/",
        f"/equipment/{free.pk}/service/", f"/equipment/{free.pk}/problem/", "/equipment/repairs/",
        "/equipment/repairs/kanban/", "/equipment/repairs/new/", f"/equipment/repairs/new/?item={free.pk}",
        f"/equipment/repairs/{repair.pk}/", "/profile/", "/admin/equipment/equipmentitem/",
        f"/admin/equipment/equipmentitem/{mine.pk}/change/", "/admin/equipment/equipmentitem/import/",
    ):  # fmt: skip
        screen.open(path)
        screen.inspect_as_device()
