"""The pictures of the README and of docs/: pages of the demo organisation.

`script/test tests_browser/test_screenshots.py --update-screenshots` makes them anew; every other run proves that the
pages are there to be pictured and that the pictures stay small.
"""

from __future__ import annotations

from datetime import datetime
from io import BytesIO, StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from events.models import Event, MasterEvent
from events.tests.factories import PRAGUE
from roster.models import User
from tests_browser.screens import DESKTOP, PHONE, Screens

pytestmark = pytest.mark.browser

DIRECTORY = Path(__file__).resolve().parent.parent / "docs" / "images"
#: Bytes that all pictures together may have.
LIMIT = 350_000
#: A day on which the pictures are taken; always the same, so that they change only with the pages.
MORNING = datetime(2027, 5, 4, 9, 0, tzinfo=PRAGUE)


@pytest.fixture
def pictured(request: pytest.FixtureRequest):
    """Return what keeps a picture of a page, if pictures are wanted."""

    def keep(page: Page, name: str) -> None:
        if request.config.getoption("--update-screenshots"):
            DIRECTORY.mkdir(parents=True, exist_ok=True)
            whole = Image.open(BytesIO(page.screenshot()))
            # Pages have few colours; with a palette a picture needs a third of the bytes.
            whole.convert("RGB").quantize().save(DIRECTORY / f"{name}.png", optimize=True)

    return keep


@time_machine.travel(MORNING)
def test_pages_of_the_demo_organisation(open_screen: Screens, pictured, settings) -> None:
    settings.DEVELOPMENT_LOGIN = True  # without it there are no demo data
    call_command("seed_demo", stdout=StringIO())
    member = User.objects.get(email="dev.member@medcover.local")
    coordinator = User.objects.get(email="dev.coordinator@medcover.local")
    event = joinable_event(member)

    phone = open_screen(PHONE, member).page
    phone.goto("/events/")
    expect(phone.get_by_role("button", name="Přihlásit se").first).to_be_visible()
    pictured(phone, "phone-events")
    phone.goto(event.get_absolute_url())
    expect(phone.get_by_role("heading", name=event.name)).to_be_visible()
    pictured(phone, "phone-event")
    picture_what_comes_with_an_event(phone, member, pictured)

    desk = open_screen(DESKTOP, coordinator).page
    desk.goto("/")
    expect(desk.get_by_role("heading", name="Moje akce")).to_be_visible()
    pictured(desk, "desktop-dashboard")
    desk.goto("/admin/events/event/")
    expect(desk.locator("#result_list tbody tr").first).to_be_visible()
    pictured(desk, "backoffice-events")
    desk.goto(f"/admin/events/masterevent/{MasterEvent.objects.get(name='Sportovní závody').pk}/table/")
    expect(desk.get_by_role("link", name="Půlmaraton Karlín", exact=True)).to_be_visible()
    pictured(desk, "desktop-table")
    desk.goto("/equipment/repairs/kanban/")
    expect(desk.get_by_role("heading", name="Nástěnka závad")).to_be_visible()
    pictured(desk, "desktop-repair-board")


def picture_what_comes_with_an_event(phone: Page, member: User, pictured) -> None:
    """Go through packing before an event and the debriefing after it."""
    planned = Event.objects.not_ended(timezone.now()).filter(equipment_plan__isnull=False)
    next_duty = planned.taken_part_in_by(member).order_by("start")[0]
    phone.goto(f"/equipment/packing/{next_duty.pk}/")
    expect(phone.get_by_role("heading", name="Balení")).to_be_visible()
    pictured(phone, "phone-packing")
    phone.goto("/debriefing/")
    phone.get_by_role("link", name="Vyplnit debriefing").last.click()
    expect(phone.get_by_role("heading", name="Důvěrná část")).to_be_visible()
    pictured(phone, "phone-debriefing")


def joinable_event(member: User) -> Event:
    """Return the first event that the member can join and on which somebody is already."""
    events = Event.objects.visible_to(member).open_for_signing_up().not_taken_part_in_by(member)
    joinable = events.filter(assignments__isnull=False).joinable_by(member)
    first: Event = joinable.order_by("start").distinct()[0]
    return first


def test_pictures_are_small() -> None:
    pictures = list(DIRECTORY.glob("*.png"))
    assert {picture.stem for picture in pictures} == {
        "phone-events", "phone-event", "phone-packing", "phone-debriefing",
        "desktop-dashboard", "desktop-table", "desktop-repair-board", "backoffice-events",
    }  # fmt: skip
    assert sum(picture.stat().st_size for picture in pictures) < LIMIT
