"""The calendar and the table manager: events by days, and many events at once."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from roster.tests.factories import make_coordinator, make_member
from tests_browser.cast import in_days, make_event, make_skills
from tests_browser.screens import DESKTOP, PHONE, Screens

pytestmark = pytest.mark.browser


def test_a_phone_shows_a_list_and_a_filter_asks_anew(open_screen: Screens) -> None:
    make_event(make_skills(), "Koncert v parku", in_days(0, 20))
    phone = open_screen(PHONE, make_member(calendar_view="month"))
    page = phone.open("/calendar/")
    entry = page.locator(".fc-list-event", has_text="Koncert v parku")
    expect(entry).to_contain_text("Přihlášky otevřeny")
    phone.inspect_in_both_colours()
    page.get_by_text("Filtr", exact=True).click()
    page.get_by_text("Přihlášky otevřeny", exact=True).first.click()
    expect(entry).to_have_count(0)
    assert "status=published" in page.url


def test_a_desk_opens_as_preferred_and_leads_to_the_event(open_screen: Screens) -> None:
    event = make_event(make_skills(), "Koncert v parku", in_days(0, 20))
    page = open_screen(DESKTOP, make_member(calendar_view="month")).open("/calendar/")
    entry = page.locator(".fc-daygrid-event", has_text="Koncert v parku")
    words = f"Koncert v parku\n{moment(event.start)} – {moment(event.end)}\nObsazení: 0/3\nPřihlášky otevřeny"
    expect(entry).to_have_attribute("title", words)
    entry.click()
    expect(page.locator("h1")).to_have_text("Koncert v parku")


def test_a_click_on_a_day_begins_a_new_event_there(open_screen: Screens) -> None:
    page = open_screen(DESKTOP, make_coordinator(calendar_view="month")).open("/calendar/")
    today = f"{timezone.localdate():%Y-%m-%d}"
    cell = page.locator(f'.fc-daygrid-day[data-date="{today}"]')
    cell.scroll_into_view_if_needed()
    cell.click(position={"x": 12, "y": 60})
    expect(page.locator("#id_start_0")).to_have_value(f"{timezone.localdate():%d.%m.%Y}")


def moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%d.%m.%Y %H:%M}"
