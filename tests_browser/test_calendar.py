"""The calendar and the table manager: events by days, and many events at once."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Route, expect

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


#: The nights in which the clocks change in Prague, and days on which they do in New York only.
NIGHTS = [(2027, 3, 27), (2027, 10, 30), (2027, 3, 20), (2027, 11, 6)]


@pytest.mark.parametrize("zone", ["America/New_York", "UTC"])
class TestElsewhere:
    """Wherever the reader is, the calendar shows the clock on the wall of the site."""

    @pytest.fixture
    def nights(self) -> list[datetime]:
        skills, prague = make_skills(), ZoneInfo("Europe/Prague")
        starts = [datetime(*night, 22, 0, tzinfo=prague) for night in NIGHTS]
        for start in starts:
            make_event(skills, f"Noc {start:%d.%m.}", start)
        return starts

    def test_night_duties_stay_on_their_day_and_hour(
        self, open_screen: Screens, nights: list[datetime], zone: str
    ) -> None:
        page = open_screen(DESKTOP, make_member(calendar_view="month"), timezone_id=zone).open("/calendar/")
        for start in nights:
            page.evaluate("day => sessionStorage.setItem('medcover-calendar-day', day)", f"{start:%Y-%m-%d}")
            page.reload()
            cell = page.locator(f'.fc-daygrid-day[data-date="{start:%Y-%m-%d}"]')
            entry = cell.locator(".fc-daygrid-event", has_text=f"Noc {start:%d.%m.}")
            expect(entry.locator(".fc-event-time")).to_have_text("22:00")
            expect(page.locator(".fc-daygrid-event", has_text=f"Noc {start:%d.%m.}")).to_have_count(1)
            assert moment(start) in (entry.get_attribute("title") or "")

    def test_today_is_the_day_of_the_site(self, open_screen: Screens, zone: str) -> None:
        screen = open_screen(DESKTOP, make_member(calendar_view="month"), timezone_id=zone)
        for hour, day in ((0, 15), (23, 15)):
            at = datetime(2027, 5, day, hour, 30, tzinfo=ZoneInfo("Europe/Prague"))
            screen.page.clock.set_fixed_time(at)
            screen.open("/calendar/")
            expect(screen.page.locator(".fc-day-today").first).to_have_attribute("data-date", f"2027-05-{day}")

    def test_the_table_and_the_form_of_an_event_show_it_too(
        self, open_screen: Screens, nights: list[datetime], zone: str
    ) -> None:
        page = open_screen(DESKTOP, make_coordinator(), timezone_id=zone).open("/admin/events/event/?time=all")
        page.get_by_role("link", name=f"Noc {nights[0]:%d.%m.}").click()
        expect(page.locator("#id_start_0")).to_have_value(f"{nights[0]:%d.%m.%Y}")
        expect(page.locator("#id_start_1")).to_have_value("22:00")


def test_that_there_is_nothing_is_said_once_it_is_known(open_screen: Screens) -> None:
    screen = open_screen(PHONE, make_member(calendar_view="list"))
    waiting: list[Route] = []
    screen.page.route("**/calendar/feed/**", lambda route: waiting.append(route))
    page = screen.open("/calendar/")
    words = page.get_by_text("Žádné akce k zobrazení")
    expect(page.locator(".fc-list-empty")).to_be_visible()
    expect(words).to_be_hidden()
    before = page.locator(".calendar-legend").bounding_box()
    waiting.pop().continue_()
    expect(words).to_be_visible()
    assert page.locator(".calendar-legend").bounding_box() == before


def test_what_could_not_be_loaded_is_not_called_nothing(open_screen: Screens) -> None:
    screen = open_screen(PHONE, make_member(calendar_view="list"))
    screen.watch.allow("Failed to load resource")
    screen.page.route("**/calendar/feed/**", lambda route: route.fulfill(status=503))
    page = screen.open("/calendar/")
    expect(page.get_by_role("alert")).to_contain_text("se nepodařilo načíst")
    expect(page.get_by_text("Žádné akce k zobrazení")).to_be_hidden()


def moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%d.%m.%Y %H:%M}"
