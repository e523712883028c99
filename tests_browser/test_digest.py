"""The digest: an administrator orders its blocks by hand and by keyboard, sets them, and looks at the mail."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from notifications.digest import services
from notifications.digest.models import DigestBlock
from notifications.tests.digests import only, schedule
from roster.tests.factories import make_admin
from tests_browser.screens import DESKTOP, PHONE, Device, Screen, Screens

pytestmark = pytest.mark.browser

ADDRESS = "/admin/notifications/digest/"
HOSTILE = """
<script>parent.document.title = "ukradeno"; document.cookie = "x=1"</script>
<img src="https://elsewhere.example/pixel.png" onerror="parent.document.title = 'ukradeno'">
<form action="https://elsewhere.example/"><button>Pokračovat</button></form>
<p>Zdraví vás správce</p>
"""


@pytest.fixture
def admin() -> Any:
    services.load()
    return make_admin(name="Adamec Jan")


def opened(open_screen: Screens, device: Device, admin: Any, **options: Any) -> Screen:
    screen = open_screen(device, admin, **options)
    screen.open(ADDRESS)
    return screen


def block(page: Page, title: str) -> Locator:
    return page.locator(".digest-block", has=page.locator("strong", has_text=title))


def middle_of(part: Locator) -> tuple[float, float]:
    box = part.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def order() -> list[str]:
    return [row.config["title"] for row in DigestBlock.objects.in_order()]


def expect_saved(page: Page) -> None:
    expect(page.get_by_role("status").filter(has_text="Pořadí bylo uloženo.")).to_be_visible()


def test_blocks_are_dragged_by_their_handle(open_screen: Screens, admin: Any) -> None:
    schedule()
    page = opened(open_screen, DESKTOP, admin).page
    before = order()
    block(page, before[0]).evaluate("element => element.scrollIntoView()")
    page.mouse.move(*middle_of(block(page, before[3]).locator("[data-grip]")))
    page.mouse.down()
    x, y = middle_of(block(page, before[0]).locator("[data-grip]"))
    page.mouse.move(x, y + 20, steps=12)
    page.mouse.move(x, y - 20, steps=6)
    page.mouse.up()
    expect_saved(page)
    assert order() == [before[3], *before[:3], *before[4:]]


def test_blocks_are_moved_with_the_keyboard_and_the_focus_stays(open_screen: Screens, admin: Any) -> None:
    page = opened(open_screen, DESKTOP, admin).page
    before = order()
    up = block(page, before[2]).get_by_role("button", name=f"Nahoru: {before[2]}")
    up.focus()
    page.keyboard.press("Enter")
    expect_saved(page)
    expect(up).to_be_focused()
    with page.expect_response("**/blocks/order/"):
        page.keyboard.press("Enter")
    expect(up).to_be_disabled()
    expect(block(page, before[2]).get_by_role("button", name=f"Dolů: {before[2]}")).to_be_focused()
    assert order() == [before[2], *before[:2], *before[3:]]


def test_arrows_work_without_scripts(open_screen: Screens, admin: Any) -> None:
    page = opened(open_screen, PHONE, admin, scripts=False).page
    before = order()
    block(page, before[1]).get_by_role("button", name=f"Nahoru: {before[1]}").click()
    expect(page.get_by_text("Pořadí bylo uloženo.")).to_be_visible()
    assert order() == [before[1], before[0], *before[2:]]


def test_a_block_is_switched_at_once_and_what_is_being_typed_stays(open_screen: Screens, admin: Any) -> None:
    page = opened(open_screen, PHONE, admin).page
    text = block(page, "Poznámka")
    text.locator("summary", has_text="Nastavení").click()
    text.get_by_label("Nadpis").fill("Zpráva pro správce")
    switch = text.get_by_role("switch")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    expect(switch).to_be_focused()
    assert DigestBlock.objects.of_kind("free_text").get().enabled
    text.get_by_role("button", name="Uložit blok").click()
    expect(page.get_by_text("Blok byl uložen.")).to_be_visible()
    assert DigestBlock.objects.of_kind("free_text").get().config["title"] == "Zpráva pro správce"


def test_a_block_is_added_and_deleted_after_a_question(open_screen: Screens, admin: Any) -> None:
    page = opened(open_screen, PHONE, admin).page
    page.get_by_label("Druh bloku").select_option("Volný text")
    page.get_by_role("button", name="Přidat blok").click()
    expect(page.get_by_text("Blok byl přidán.")).to_be_visible()
    added = page.locator(".digest-block").last
    added.locator("summary", has_text="Nastavení").click()
    added.locator("summary", has_text="Smazat").click()
    added.get_by_role("button", name="Smazat blok").click()
    expect(page.get_by_text("Blok byl smazán.")).to_be_visible()
    assert DigestBlock.objects.of_kind("free_text").count() == 1


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=lambda device: device.name)
def test_the_pages_are_in_order(open_screen: Screens, admin: Any, device: Device) -> None:
    schedule()
    DigestBlock.objects.update(enabled=True)
    screen = opened(open_screen, device, admin)
    for settings in screen.page.locator(".digest-settings > summary").all():
        settings.click()
    screen.inspect_as_device()
    screen.watch.allow("postMessage")  # the inspection knocks at the frame, which answers nobody
    screen.open(f"{ADDRESS}preview/")
    expect(screen.page.frame_locator("iframe").get_by_text("Servisní statistiky")).to_be_visible()
    screen.inspect_as_device()


def test_hostile_html_harms_nobody_in_the_preview(open_screen: Screens, admin: Any) -> None:
    only("free_text", title="Text", content=HOSTILE)
    screen, refused = open_screen(DESKTOP, admin), []
    screen.page.on("requestfailed", lambda request: refused.append(request.failure))
    screen.watch.allow("Blocked script execution|Content[- ]Security|violates|sandbox")
    page = screen.open(f"{ADDRESS}preview/")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_text("Zdraví vás správce")).to_be_visible()
    frame.get_by_role("button", name="Pokračovat").click()
    expect(frame.get_by_text("Zdraví vás správce")).to_be_visible()
    assert "ukradeno" not in page.title()
    # The picture was asked for by the page and refused by the browser before it left.
    assert refused == ["csp"]
    screen.watch.problems = [one for one in screen.watch.problems if "pixel.png" not in one]
    assert page.context.cookies(page.url)[0]["name"] != "x"
