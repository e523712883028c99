"""Packing for an event on a phone: by typing, ticking and scanning, and what is missing afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest
import segno
from django.utils import timezone
from playwright.sync_api import expect

from equipment.models import PackedItem
from equipment.tests.factories import EventPlanFactory, ItemFactory, TypeFactory, packed
from events.models import Event
from events.tests.factories import EventFactory
from roster.tests.factories import make_coordinator, make_member
from tests_browser.screens import DESKTOP, PHONE, Device, Screens

pytestmark = pytest.mark.browser

#: A camera before which somebody holds a label.
_CAMERA = """
navigator.mediaDevices.getUserMedia = async () => {
  const label = new Image();
  label.src = "%s";
  await label.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
  const picture = canvas.getContext("2d");
  setInterval(() => {
    picture.fillStyle = "white";
    picture.fillRect(0, 0, 640, 480);
    picture.drawImage(label, 180, 100, 280, 280);
  }, 50);
  return canvas.captureStream(20);
};
"""


@pytest.fixture
def event() -> Event:
    event: Event = EventFactory(name="Koncert", start=timezone.now() + timedelta(hours=5))
    EventPlanFactory(event=event, type=TypeFactory(name="AED"), quantity=2)
    return event


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_planned_packed_and_brought_back(open_screen: Screens, scripts: bool) -> None:
    kind, event = TypeFactory(name="AED"), EventFactory(name="Koncert", start=timezone.now() + timedelta(hours=5))
    typed, ticked, mistaken = (ItemFactory(name=f"AED {number}", type=kind) for number in (1, 2, 3))

    page = open_screen(PHONE, make_coordinator(), scripts=scripts).open(f"/events/{event.pk}/")
    plan = page.locator("#event-equipment")
    for quantity, said in (("4", "Nedostatek vybavení"), ("2", "Plán vybavení akce byl upraven.")):
        plan.get_by_label("Typ vybavení").select_option(label="📦 AED")
        plan.get_by_label("Množství").fill(quantity)
        plan.get_by_role("button", name="Naplánovat").tap()
        expect(page.locator("#messages")).to_contain_text(said)
    expect(plan).to_contain_text("AED ×2")
    plan.get_by_role("link", name="Balení").tap()
    page.get_by_label("Kód položky").fill(typed.code.lower())
    page.get_by_role("button", name="Sbalit", exact=True).tap()
    expect(page.get_by_text("1 z 2")).to_be_visible()
    page.get_by_label("AED 2").check()
    page.get_by_label("AED 3").check()
    page.get_by_role("button", name="Sbalit zaškrtnuté").tap()
    expect(page.get_by_text("3 z 2")).to_be_visible()
    page.get_by_role("button", name="Nejede AED 3").tap()
    expect(page.get_by_text("2 z 2")).to_be_visible()
    assert not PackedItem.objects.filter(item=mistaken).exists()

    Event.objects.filter(pk=event.pk).update(start=timezone.now() - timedelta(hours=5), end=timezone.now())
    page.goto(f"/equipment/packing/{event.pk}/")
    expect(page.locator(".lead-answer")).to_contain_text("Nevrátily se 2 položky.")
    page.get_by_label("AED 1").check()
    page.get_by_role("button", name="Zaškrtnuté je zpět v pořádku").tap()
    expect(page.locator(".lead-answer")).to_contain_text("Nevrátila se 1 položka.")
    page.get_by_role("link", name="Závada nebo chybí AED 2").tap()
    page.get_by_label("Chybí").check()
    page.get_by_role("button", name="Uložit").tap()
    expect(page.locator(".lead-answer")).to_contain_text("chybí jen 1 položka")
    expect(page.locator("section.card", has=page.get_by_role("heading", name="Chybí"))).to_contain_text("AED 2")
    ticked.refresh_from_db()
    assert ticked.is_lost


def test_scanned_in_a_browser_that_cannot_read_codes_itself(open_screen: Screens, event: Event) -> None:
    item = ItemFactory(name="AED 1", type=event.equipment_plan.get().type)
    label = segno.make(f"https://medcover.example/public/equipment/{item.code}").png_data_uri(scale=8)
    screen = open_screen(PHONE, make_coordinator())
    screen.context.add_init_script("delete window.BarcodeDetector;" + _CAMERA % label)
    page = screen.open(f"/equipment/packing/{event.pk}/")
    page.get_by_role("button", name="Skenovat kamerou").tap()
    expect(page.get_by_role("status")).to_contain_text("Sbaleno: AED 1")
    expect(page.get_by_text("1 z 2")).to_be_visible()
    expect(page.get_by_label("Kód položky")).to_have_value("")
    page.get_by_role("button", name="Vypnout kameru").tap()
    expect(page.get_by_role("button", name="Skenovat kamerou")).to_be_focused()


def test_scanned_by_a_browser_that_reads_codes_itself(open_screen: Screens, event: Event) -> None:
    item = ItemFactory(name="AED 1", type=event.equipment_plan.get().type)
    screen = open_screen(PHONE, make_coordinator())
    detector = """window.BarcodeDetector = class {
      static async getSupportedFormats() { return ["qr_code"]; }
      async detect() { return [{ rawValue: "%s" }]; }
    };"""
    screen.context.add_init_script(detector % item.code + _CAMERA % segno.make("x").png_data_uri())
    page = screen.open(f"/equipment/packing/{event.pk}/")
    page.get_by_role("button", name="Skenovat kamerou").tap()
    expect(page.get_by_role("status")).to_contain_text("Sbaleno: AED 1")


def test_whoever_forbids_the_camera_is_told_to_type(open_screen: Screens, event: Event) -> None:
    screen = open_screen(PHONE, make_coordinator())
    forbidden = "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError'); };"
    screen.context.add_init_script(forbidden)
    page = screen.open(f"/equipment/packing/{event.pk}/")
    page.get_by_role("button", name="Skenovat kamerou").tap()
    expect(page.get_by_role("alert").filter(has_text="Kameru nelze použít")).to_be_visible()


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=lambda device: device.name)
def test_pages(open_screen: Screens, event: Event, device: Device) -> None:
    coordinator, kind = make_coordinator(name="Novák-Procházkovský Maxmilián Bartoloměj"), TypeFactory(name="Batoh")
    long_name = "Zdravotnický batoh pro dvoučlennou hlídku na dlouhé akce v terénu"
    out = packed(event, ItemFactory(name=long_name, type=kind), taken_by=coordinator)
    packed(event, ItemFactory(name=f"{long_name} 2"), outcome="service", returned_by=coordinator)
    ItemFactory(name=f"{long_name} 3", type=kind, serial_number="SN-0001", place="Regál 2")
    screen = open_screen(device, coordinator)
    for path in ("", "?mode=back", f"{out.item_id}/back/"):
        screen.open(f"/equipment/packing/{event.pk}/{path}")
        screen.inspect_as_device()
    screen.open(f"/equipment/{out.item_id}/")
    screen.inspect()
    looking = open_screen(device, make_member())
    looking.open(f"/equipment/packing/{event.pk}/")
    looking.inspect()
