"""Small helps of the backoffice; every page works without them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from roster.tests.factories import UserFactory, make_admin, make_coordinator
from tests_browser.screens import DESKTOP, Screens

pytestmark = pytest.mark.browser

PEOPLE = "/admin/roster/user/"


def moment(page: Page, name: str) -> tuple[Locator, Locator]:
    return page.locator(f"#id_{name}_0"), page.locator(f"#id_{name}_1")


def write(page: Page, name: str, day: str, time: str) -> None:
    for field, text in zip(moment(page, name), (day, time), strict=True):
        field.fill(text)
        field.press("Tab")


def expect_moment(page: Page, name: str, day: str, time: str) -> None:
    for field, text in zip(moment(page, name), (day, time), strict=True):
        expect(field).to_have_value(text)


class TestTheEndOfAnEvent:
    @pytest.fixture
    def page(self, open_screen: Screens) -> Page:
        return open_screen(DESKTOP, make_coordinator()).open("/admin/events/event/add/")

    def test_is_an_hour_after_the_start_until_somebody_says_otherwise(self, page: Page) -> None:
        write(page, "start", "31.12.2027", "23:30")
        expect_moment(page, "end", "01.01.2028", "00:30")

    def test_goes_along_with_the_start_and_the_event_stays_as_long(self, page: Page) -> None:
        write(page, "start", "5.5.2027", "18:00")
        write(page, "end", "5.5.2027", "22:30")
        write(page, "start", "7.5.2027", "8:00")
        expect_moment(page, "end", "07.05.2027", "12:30")

    def test_stays_where_it_is_while_the_start_leaves_room(self, page: Page) -> None:
        write(page, "start", "5.5.2027", "18:00")
        write(page, "end", "5.5.2027", "22:00")
        write(page, "start", "5.5.2027", "16:00")
        expect_moment(page, "end", "5.5.2027", "22:00")

    def test_stays_empty_as_long_as_the_start_is_no_moment(self, page: Page) -> None:
        write(page, "start", "31.2.2027", "18:00")
        expect_moment(page, "end", "", "")


class TestChoosingRows:
    def test_the_box_of_all_shows_when_some_are_chosen_and_one_button_chooses_none(self, open_screen: Screens) -> None:
        UserFactory.create_batch(3)
        page = open_screen(DESKTOP, make_admin()).open(PEOPLE)
        every, none = page.locator("#action-toggle"), page.get_by_role("button", name="Zrušit výběr")
        boxes = page.locator("tr input.action-select")
        expect(none).to_be_hidden()
        boxes.first.check()
        assert every.evaluate("box => box.indeterminate")
        expect(page.locator(".action-counter")).to_contain_text("1")
        none.click()
        expect(none).to_be_hidden()
        assert [box.is_checked() for box in boxes.all()] == [False] * 4
        assert not every.evaluate("box => box.indeterminate")
        every.check()
        assert [box.is_checked() for box in boxes.all()] == [True] * 4
        assert not every.evaluate("box => box.indeterminate")


class TestTheBarBeside:
    def test_leaves_lists_their_width_until_somebody_wants_it(self, open_screen: Screens) -> None:
        page = open_screen(DESKTOP, make_admin()).open(PEOPLE)
        main = page.locator("#main")
        expect(main).not_to_have_class(re.compile("shifted"))
        page.goto(f"{PEOPLE}add/")
        expect(main).to_have_class(re.compile("shifted"))
        page.goto(PEOPLE)
        page.locator("#toggle-nav-sidebar").click()
        page.reload()
        expect(main).to_have_class(re.compile("shifted"))

    def test_stands_there_from_the_start_where_there_is_room(self, open_screen: Screens) -> None:
        page = open_screen(DESKTOP, make_admin(), viewport={"width": 1600, "height": 900}).open(PEOPLE)
        expect(page.locator("#main")).to_have_class(re.compile("shifted"))
