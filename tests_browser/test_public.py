"""The public pages: from the code on an item to a report, as somebody without an account, and how the pages look."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from django.test import Client
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from equipment.models import EquipmentItem, Link, Repair, RepairPhoto
from equipment.plan_querysets import short_plans
from equipment.public import forms
from equipment.static_page import pushing
from equipment.tests.factories import EventPlanFactory, ItemFactory, LocationFactory, document_of, repair_of
from events.models import Event
from events.tests.factories import EventFactory
from roster.models import User
from roster.rights import Role
from roster.tests.factories import UserFactory
from roster.tests.pictures import drawing, saved
from tests_browser.cast import in_days
from tests_browser.screens import DESKTOP, PHONE, Device, Screens

pytestmark = pytest.mark.browser

WALL = Device("wall", 1920, 1080)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_from_the_label_to_a_repair_and_back(
    open_screen: Screens, tmp_path: Path, monkeypatch, settings, scripts: bool
) -> None:
    """Board, kiosk, static page and an event that needs the item change on the way."""
    monkeypatch.setattr(forms, "FASTEST", timedelta(0))  # a browser types faster than people
    settings.STATIC_PAGE_PUSH_METHOD, settings.STATIC_PAGE_PUSH_TARGET = "local", str(tmp_path / "page")
    technician = UserFactory(roles=[Role.TECHNICIAN], name="Technik Karel")
    item, photo = ItemFactory(name="AED 1", location=LocationFactory(name="Garáž")), tmp_path / "závada.jpg"
    photo.write_bytes(saved(drawing((800, 600)), "JPEG"))
    event = EventPlanFactory(type=item.type, event=EventFactory(start=in_days(3), end=in_days(3, 22))).event

    page = open_screen(PHONE, scripts=scripts).open(address_on_label(item, technician))
    expect(page.locator("main")).to_contain_text("V provozu")
    page.get_by_label("Co je špatně").fill("Nedrží baterie.")
    page.get_by_label("Nesmí se používat").check()
    page.get_by_label("Vaše jméno").fill("Kolem Jdoucí")
    page.get_by_label("Fotka").set_input_files(photo)
    page.get_by_role("button", name="Odeslat hlášení").tap()
    expect(page.locator("main")).to_contain_text("Děkujeme")
    assert lacks(event)
    for path in ("/public/", "/public/kiosk"):
        page.goto(path)
        expect(page.locator("main")).to_contain_text("Mimo provoz")
        expect(page.locator("main")).to_contain_text("Nedrží baterie.")
        expect(page.locator("body")).not_to_contain_text("Kolem")
    assert "Nedrží baterie." in static_page(tmp_path)

    repairing = open_screen(DESKTOP, technician, scripts=scripts).open("/equipment/repairs/")
    repairing.get_by_role("button", name="Převzít AED 1").click()
    expect(repairing.get_by_role("status")).to_be_visible()
    row = Repair.objects.get()
    assert (row.status, row.assignee, RepairPhoto.objects.count()) == ("assigned", technician, 1)
    repairing.goto(f"/equipment/repairs/{row.pk}/")
    repairing.locator("[name=status]").select_option("parts_needed")
    repairing.locator("form[action$='/save/']").get_by_role("button").first.click()
    expect(repairing.get_by_role("status")).to_be_visible()
    page.goto("/public/")
    page.get_by_role("link", name="AED 1").tap()
    expect(page.locator("main")).to_contain_text("Chybí díly")

    repairing.get_by_text("Vyřešit…").click()
    repairing.get_by_label("Co bylo uděláno?").fill("Vyměněna baterie.")
    repairing.get_by_role("button", name="Zase funguje").click()
    expect(repairing.get_by_role("status")).to_contain_text("vyřešená")
    page.goto("/public/kiosk")
    expect(page.locator("main")).to_contain_text("V provozu")
    assert not lacks(event)
    assert "Nedrží baterie." not in static_page(tmp_path)


def address_on_label(item: EquipmentItem, person: User) -> str:
    """Read the code on the printed label as a phone does."""
    client = Client()
    client.force_login(person, backend="roster.backends.RoleBackend")
    picture = Image.open(BytesIO(client.get(f"/equipment/{item.pk}/label/label.png").content))
    (found,) = zxingcpp.read_barcodes(picture)
    return str(found.text)


def lacks(event: Event) -> bool:
    """Say whether something that is planned for the event is missing."""
    return bool(list(short_plans(event.start, event.end)))


def static_page(folder: Path) -> str:
    """Let the worker write what has altered; return what stands there now."""
    pushing.push_due(at=timezone.now())
    return (folder / "page" / "index.html").read_text()


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


def test_the_kiosk_fits_on_a_wall_and_scrolls_in_the_hand(open_screen: Screens) -> None:
    place = LocationFactory()
    ItemFactory.create_batch(90, location=place)
    wall = open_screen(WALL).open("/public/kiosk")
    expect(wall.locator("body")).to_have_class("kiosk is-fitted")
    last = wall.locator(".kiosk-moment")
    expect(last).to_be_in_viewport(ratio=1)
    assert wall.locator(".status-card").count() == 90
    wall.set_viewport_size({"width": 1000, "height": 700})
    expect(last).to_be_in_viewport(ratio=1)

    phone = open_screen(PHONE).open("/public/kiosk")
    expect(phone.locator("body")).to_have_class("kiosk")
    expect(phone.locator(".kiosk-moment")).not_to_be_in_viewport()
    phone.set_viewport_size({"width": 844, "height": 390})
    expect(phone.locator(".kiosk-moment")).to_be_in_viewport(ratio=1)
