"""How long a login lasts, in a real conversation of browser and site."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from medcover.system.models import SiteSettings
from roster import services
from roster.tests.factories import PASSWORD, make_admin, make_member

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 5, 5, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def person():
    return make_member(email="petr@example.org")


@pytest.fixture
def browser(person):
    return logged_in()


def logged_in() -> Client:
    client = Client()
    client.post("/login/", {"username": "petr@example.org", "password": PASSWORD})
    return client


def is_in(client: Client) -> bool:
    return client.get("/profile/").status_code == 200


def allow(hours: int) -> None:
    SiteSettings.objects.update_or_create(pk=1, defaults={"session_hours": hours})


def test_lasts_a_day_by_default(browser, clock):
    assert is_in(browser)
    clock.shift(timedelta(hours=24, seconds=1))
    assert not is_in(browser)


def test_slides_with_every_request(browser, clock):
    for _day in range(5):
        clock.shift(timedelta(hours=23))
        assert is_in(browser)


def test_the_browser_is_told_how_long_to_keep_its_cookie(browser):
    allow(3)
    browser.get("/profile/")
    assert browser.cookies["sessionid"]["max-age"] == 3 * 3600


def test_a_longer_setting_holds_for_logins_of_the_past(browser, clock):
    assert is_in(browser)
    allow(48)
    clock.shift(timedelta(hours=1))
    assert is_in(browser)
    clock.shift(timedelta(hours=47))
    assert is_in(browser)


def test_a_shorter_one_ends_those_that_have_been_idle_for_longer(clock, person):
    idle, busy = logged_in(), logged_in()
    assert is_in(idle)
    clock.shift(timedelta(hours=3))
    assert is_in(busy)
    allow(2)
    clock.shift(timedelta(minutes=5))
    assert not is_in(idle)
    assert is_in(busy)
    clock.shift(timedelta(hours=2, seconds=1))
    assert not is_in(busy)


@pytest.mark.parametrize("end", [services.deactivate, services.archive])
def test_all_logins_of_a_person_end_with_the_account(browser, person, end):
    elsewhere, other = logged_in(), make_member()
    stranger = Client()
    stranger.force_login(other)
    assert is_in(browser)
    end(person.pk, by=make_admin(), at=timezone.now())
    assert not is_in(browser)
    assert not is_in(elsewhere)
    assert is_in(stranger)


def test_a_new_password_ends_the_others_but_not_the_one_in_use(browser, person):
    elsewhere = logged_in()
    browser.post("/profile/password/", {"current": PASSWORD, "new": "nové heslo 7", "repeated": "nové heslo 7"})
    assert is_in(browser)
    assert not is_in(elsewhere)
