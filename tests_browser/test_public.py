"""The public pages: from the code on an item to a report, as somebody without an account, and how the pages look."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from equipment.models import Link, Repair, RepairPhoto
from equipment.public import forms
from equipment.tests.factories import ItemFactory, LocationFactory, document_of, repair_of
from roster.rights import Role
from roster.tests.factories import UserFactory
from roster.tests.pictures import drawing, saved
from tests_browser.screens import DESKTOP, PHONE, Device, Screens

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_from_the_code_to_a_repair(open_screen: Screens, tmp_path: Path, monkeypatch, scripts: bool) -> None:
    monkeypatch.setattr(forms, "FASTEST", timedelta(0))  # a browser types faster than people
    technician = UserFactory(roles=[Role.TECHNICIAN])
    item, photo = ItemFactory(name="AED 1", location=LocationFactory(name="Garáž")), tmp_path / "závada.jpg"
    photo.write_bytes(saved(drawing((800, 600)), "JPEG"))

    page = open_screen(PHONE, scripts=scripts).open(f"/public/equipment/{item.code}")
    expect(page.locator("main")).to_contain_text("V provozu")
    page.get_by_label("Co je špatně").fill("Nedrží baterie.")
    page.get_by_label("Vaše jméno").fill("Kolem Jdoucí")
    page.get_by_label("Fotka").set_input_files(photo)
    page.get_by_role("button", name="Odeslat hlášení").tap()
    expect(page.locator("main")).to_contain_text("Děkujeme")
    page.goto("/public/")
    card = (
        page.locator("main").get_by_text("AED 1").locator("xpath=ancestor::*[self::a or self::li or self::article][1]")
    )
    expect(card).to_contain_text("Omezeno")
    expect(card).to_contain_text("Nedrží baterie.")
    expect(page.locator("body")).not_to_contain_text("Kolem")

    repairing = open_screen(DESKTOP, technician, scripts=scripts).open("/equipment/repairs/")
    repairing.get_by_role("button", name="Převzít AED 1").click()
    row = Repair.objects.get()
    assert (row.status, row.assignee, RepairPhoto.objects.count()) == ("assigned", technician, 1)
    repairing.goto(f"/equipment/repairs/{row.pk}/")
    repairing.get_by_text("Vyřešit…").click()
    repairing.get_by_label("Co bylo uděláno?").fill("Vyměněna baterie.")
    repairing.get_by_role("button", name="Zase funguje").click()
    page.goto("/public/kiosk")
    expect(page.locator("main")).to_contain_text("V provozu")


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=lambda device: device.name)
def test_pages(open_screen: Screens, device: Device) -> None:
    item = ItemFactory(name="Zdravotnický batoh pro dvoučlennou hlídku na dlouhé akce", location=LocationFactory())
    repair_of(item, severity="down", is_safety_risk=True, eta=timezone.localdate())
    ItemFactory.create_batch(3, location=item.location)
    document_of(item)
    Link.objects.create(item=item, title="Návod", url="https://example.org")
    screen, page = open_screen(device), f"/public/equipment/{item.code}"
    for path in (
        "/public/",
        "/public/?q=batoh",
        "/public/kiosk",
        page,
        f"{page}/info",
        "/guides/",
        "/guides/technicians/",
    ):
        screen.open(path)
        screen.inspect_as_device()
