"""Packing for an event on a phone: by typing, ticking and scanning, and what is missing afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
import segno
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from equipment.models import EquipmentItem, PackedItem
from equipment.tests.factories import EventPlanFactory, ItemFactory, TypeFactory, packed
from events.models import Event
from events.tests.factories import EventFactory
from medcover.system.models import SiteSettings
from roster.tests.factories import make_coordinator, make_member
from tests_browser.screens import DESKTOP, PHONE, Device, Screens, launch

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


def _printed(item: EquipmentItem) -> str:
    label: str = segno.make(f"https://medcover.example/public/equipment/{item.code}").png_data_uri(scale=8)
    return label


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
    screen = open_screen(PHONE, make_coordinator())
    screen.context.add_init_script("delete window.BarcodeDetector;" + _CAMERA % _printed(item))
    page = screen.open(f"/equipment/packing/{event.pk}/")
    page.get_by_role("button", name="Skenovat kamerou").tap()
    expect(page.get_by_role("status")).to_contain_text("Sbaleno: AED 1")
    expect(page.get_by_role("button", name="Skenovat kamerou")).to_be_hidden()
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


def test_a_detector_that_only_fails_is_replaced(open_screen: Screens, event: Event) -> None:
    item = ItemFactory(name="AED 1", type=event.equipment_plan.get().type)
    screen = open_screen(PHONE, make_coordinator())
    broken = """window.BarcodeDetector = class {
      static async getSupportedFormats() { return ["qr_code"]; }
      async detect() { throw new DOMException("Barcode detection service unavailable.", "NotSupportedError"); }
    };"""
    screen.context.add_init_script(broken + _CAMERA % _printed(item))
    page = screen.open(f"/equipment/packing/{event.pk}/")
    page.get_by_role("button", name="Skenovat kamerou").tap()
    expect(page.get_by_role("status")).to_contain_text("Sbaleno: AED 1")


#: What a browser calls the reason why there is no picture, and what is said of it.
_PROBLEMS = {
    "NotAllowedError": "Kamera zde není povolena.",
    "NotFoundError": "Kamera nebyla nalezena.",
    "NotReadableError": "možná ji používá jiná aplikace",
    "OverconstrainedError": "V tomto prohlížeči kódy nelze skenovat.",
}


@pytest.mark.parametrize("name", _PROBLEMS)
def test_without_a_picture_it_is_said_why_and_the_code_is_typed(open_screen: Screens, event: Event, name: str) -> None:
    item = ItemFactory(name="AED 1", type=event.equipment_plan.get().type)
    screen = open_screen(PHONE, make_coordinator())
    refused = "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', '%s'); };"
    screen.context.add_init_script(refused % name)
    page = screen.open(f"/equipment/packing/{event.pk}/")
    _told_to_type(page, _PROBLEMS[name])
    for other in set(_PROBLEMS.values()) - {_PROBLEMS[name]}:
        expect(page.get_by_text(other)).to_be_hidden()
    screen.inspect_width()
    _typed(page, item)


def test_without_a_way_to_any_camera_nothing_offers_one(open_screen: Screens, event: Event) -> None:
    item = ItemFactory(name="AED 1", type=event.equipment_plan.get().type)
    screen = open_screen(PHONE, make_coordinator())
    screen.context.add_init_script("Object.defineProperty(navigator, 'mediaDevices', { value: undefined });")
    page = screen.open(f"/equipment/packing/{event.pk}/")
    expect(page.get_by_role("button", name="Skenovat kamerou")).to_be_hidden()
    _typed(page, item)


def _told_to_type(page: Page, words: str) -> None:
    page.get_by_role("button", name="Skenovat kamerou").tap()
    expect(page.get_by_text(words)).to_be_visible()
    expect(page.get_by_role("button", name="Skenovat kamerou")).to_be_focused()


def _typed(page: Page, item: EquipmentItem) -> None:
    page.get_by_label("Kód položky").fill(item.code)
    page.get_by_role("button", name="Sbalit", exact=True).tap()
    expect(page.get_by_role("status")).to_contain_text(f"Sbaleno: {item.name}")


class TestBrowsersOwnCamera:
    """Nothing of the page is replaced: the browser has a camera, before which lies a label that we have printed."""

    @pytest.fixture
    def film(self, tmp_path: Path) -> Path:
        return tmp_path / "film.y4m"

    @pytest.fixture
    def with_camera(self, browser: Browser, site: SiteSettings, film: Path) -> Iterator[Screens]:
        """Open windows of a browser whose camera shows a film."""
        fake = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"]
        other = launch(browser.browser_type, *fake)
        screens = Screens(other, site.base_url)
        yield screens
        screens.close()
        other.close()

    @pytest.fixture
    def item(self, event: Event) -> EquipmentItem:
        item: EquipmentItem = ItemFactory(name="AED 1", type=event.equipment_plan.get().type)
        return item

    def test_a_printed_label_is_read(
        self, with_camera: Screens, site: SiteSettings, film: Path, event: Event, item: EquipmentItem
    ) -> None:
        screen = with_camera(PHONE, make_coordinator())
        label = screen.context.request.get(f"/equipment/{item.pk}/label/preview.png").body()
        film.write_bytes(_filmed(label))
        screen.context.grant_permissions(["camera"], origin=site.base_url)
        page = screen.open(f"/equipment/packing/{event.pk}/")
        page.get_by_role("button", name="Skenovat kamerou").tap()
        expect(page.get_by_role("status")).to_contain_text("Sbaleno: AED 1")
        expect(page.locator("video")).to_be_visible()
        page.get_by_role("button", name="Vypnout kameru").tap()
        expect(page.locator("video")).to_be_hidden()
        assert PackedItem.objects.get().item == item

    def test_whoever_has_refused_it_is_told_so(
        self, with_camera: Screens, film: Path, event: Event, item: EquipmentItem
    ) -> None:
        film.write_bytes(_filmed(b""))
        page = with_camera(PHONE, make_coordinator()).open(f"/equipment/packing/{event.pk}/")
        _told_to_type(page, "Kamera zde není povolena.")
        _typed(page, item)

    def test_where_there_is_none_that_is_said(
        self, open_screen: Screens, site: SiteSettings, event: Event, item: EquipmentItem
    ) -> None:
        screen = open_screen(PHONE, make_coordinator())
        screen.context.grant_permissions(["camera"], origin=site.base_url)
        page = screen.open(f"/equipment/packing/{event.pk}/")
        _told_to_type(page, "Kamera nebyla nalezena.")
        _typed(page, item)


def _filmed(label: bytes) -> bytes:
    """Return a film of a label on a grey table; of the table alone without one."""
    width, height = 640, 480
    picture = Image.new("L", (width, height), 150)
    if label:
        shown = Image.open(BytesIO(label)).convert("L")
        shown.thumbnail((width - 40, height - 40))
        picture.paste(shown, ((width - shown.width) // 2, (height - shown.height) // 2))
    frame = b"FRAME\n" + picture.tobytes() + bytes([128]) * (width * height // 2)
    return f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * 3


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
