"""Events made after events by a coordinator at the desk, and a reader who walks from one to the next."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from credentials.tests.factories import hold
from events.models import Event, EventTemplate
from events.rules.lifecycle import Status
from events.tests.stories import make_capacity_event, place
from medcover.system.models import SiteSettings
from roster.rights import Role
from roster.tests.factories import UserFactory, make_coordinator, make_member
from tests_browser.cast import LONG_TITLE, Skills, in_days, make_event, make_skills
from tests_browser.screens import DESKTOP, PHONE, Screen, Screens

pytestmark = pytest.mark.browser


@pytest.fixture
def skills(site: SiteSettings) -> Skills:
    return make_skills()


def change(event: Event) -> str:
    return reverse("admin:events_event_change", args=[event.pk])


def way(desk: Screen, name: str) -> None:
    """Choose a page in the menu behind the buttons of an event."""
    desk.page.get_by_text("Další akce", exact=True).click()
    desk.page.get_by_role("link", name=name, exact=True).click()


def test_a_long_event_is_cut_in_two_with_its_people(open_screen: Screens, skills: Skills) -> None:
    leader = make_member(name="Dvořáková Alena")
    hold(leader, skills.medic)
    event = make_capacity_event(
        {skills.medic: 1}, name=LONG_TITLE, start=in_days(3, 8), end=in_days(3, 20), responsible_person=leader
    )
    place(event, leader, make_member())
    desk = open_screen(DESKTOP, make_coordinator())
    desk.open(change(event))
    way(desk, "Rozdělit akci")
    moment = desk.page.get_by_label("Čas rozdělení")
    expect(moment).to_have_value(f"{in_days(3, 14):%Y-%m-%dT%H:%M}")
    desk.inspect_in_both_colours()
    moment.fill(f"{in_days(3, 12):%Y-%m-%dT%H:%M}")
    desk.page.get_by_role("button", name="Rozdělit").click()
    expect(desk.page.get_by_role("heading", level=1)).to_have_text(f"{LONG_TITLE} 1/2")
    desk.page.get_by_role("link", name=f"{LONG_TITLE} 2/2").click()
    expect(desk.page.get_by_role("heading", level=1)).to_have_text(f"{LONG_TITLE} 2/2")
    first, second = Event.objects.order_by("start")
    assert first.end == second.start == in_days(3, 12)
    assert (second.responsible_person, second.assignments.count(), second.status) == (leader, 2, Status.OPEN)


def test_a_weekly_training_is_made_for_the_chosen_days(open_screen: Screens, skills: Skills) -> None:
    event = make_event(skills, "Trénink", in_days(3))
    begins = timezone.localtime(event.start).date()
    desk = open_screen(DESKTOP, make_coordinator())
    desk.open(change(event))
    way(desk, "Vytvořit sérii")
    desk.page.get_by_label("Poslední den").fill(f"{begins + timedelta(weeks=4):%Y-%m-%d}")
    desk.page.get_by_role("button", name="Zobrazit dny").click()
    days = desk.page.locator(".day-choices li")
    expect(days).to_have_count(5)
    expect(days.first).to_contain_text("už existuje")
    expect(days.first.get_by_role("checkbox")).to_be_disabled()
    desk.inspect_in_both_colours()
    days.nth(2).get_by_role("checkbox").uncheck()
    desk.page.get_by_role("button", name="Vytvořit vybrané akce").click()
    expect(desk.page.locator(".messagelist")).to_contain_text("Vytvořeny 3 akce jako koncepty.")
    expect(desk.page.locator("#result_list tbody tr")).to_have_count(4)
    starts = Event.objects.order_by("start").values_list("start", flat=True)
    weeks = [(timezone.localtime(start).date() - begins).days // 7 for start in starts]
    assert weeks == [0, 1, 3, 4]


def test_a_template_is_kept_and_used(open_screen: Screens, skills: Skills) -> None:
    event = make_capacity_event({skills.medic: 1, skills.driver: 2}, minimum=3, maximum=5, name="Hokej")
    desk = open_screen(DESKTOP, make_coordinator())
    desk.open(change(event))
    way(desk, "Uložit jako šablonu")
    desk.page.get_by_label("Název šablony").fill("Zimní dozor")
    desk.inspect()
    desk.page.get_by_role("button", name="Vytvořit šablonu").click()
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("Zimní dozor")
    desk.inspect_in_both_colours()
    desk.open(reverse("admin:events_eventtemplate_changelist"))
    desk.inspect_in_both_colours()
    desk.page.get_by_role("link", name="Použít").click()
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("Nová akce ze šablony")
    expect(desk.page.locator("#id_capacity-maximum")).to_have_value("5")
    desk.inspect()
    desk.page.get_by_label("Název").fill("Hokej podruhé")
    for field, moment in (("start", in_days(4)), ("end", in_days(4, 22))):
        for part, pattern in enumerate(["%d.%m.%Y", "%H:%M"]):
            control = desk.page.locator(f"#id_{field}_{part}")
            control.fill(moment.strftime(pattern))
            control.press("Tab")
    desk.page.get_by_role("button", name="Vytvořit akci").click()
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("Hokej podruhé")
    made = Event.objects.get(name="Hokej podruhé")
    wanted = {row.qualification: row.minimum for row in made.conditions.all()}
    assert wanted == {skills.medic: 1, skills.driver: 2}
    assert EventTemplate.objects.get().name == "Zimní dozor"


def test_an_archived_event_is_deleted_for_good_after_its_name_was_typed(open_screen: Screens, skills: Skills) -> None:
    event = make_event(skills, "Omyl", in_days(3), is_archived=True)
    desk = open_screen(DESKTOP, UserFactory(roles=[Role.ADMIN]))
    desk.open(change(event))
    way(desk, "Smazat natrvalo")
    typed = desk.page.get_by_label("Pro potvrzení napište název akce")
    typed.fill("omyl")
    desk.page.get_by_role("button", name="Smazat natrvalo").click()
    expect(typed).to_be_focused()
    desk.inspect_in_both_colours()
    typed.fill("Omyl")
    desk.page.get_by_role("button", name="Smazat natrvalo").click()
    expect(desk.page.locator(".messagelist")).to_contain_text("smazána natrvalo")
    assert not Event.objects.exists()


def test_arrows_lead_from_one_event_of_the_list_to_the_next(open_screen: Screens, skills: Skills) -> None:
    first, second, third = (make_event(skills, name, in_days(days)) for days, name in enumerate("ABC", start=2))
    desk = open_screen(DESKTOP, make_member())
    desk.open("/events/")
    desk.page.get_by_role("link", name="A", exact=True).click()
    place_in_list = desk.page.locator(".neighbours")
    expect(place_in_list).to_contain_text("1 / 3")
    desk.page.keyboard.press("ArrowLeft")  # there is nothing before the first
    desk.page.keyboard.press("Control+ArrowRight")
    expect(place_in_list).to_contain_text("1 / 3")
    desk.page.keyboard.press("ArrowRight")
    desk.page.wait_for_url(f"**{second.get_absolute_url()}")
    desk.inspect_in_both_colours()
    desk.page.keyboard.press("ArrowRight")
    desk.page.wait_for_url(f"**{third.get_absolute_url()}")
    desk.page.keyboard.press("ArrowLeft")
    desk.page.wait_for_url(f"**{second.get_absolute_url()}")

    phone = open_screen(PHONE, make_member())
    phone.open("/events/")
    phone.open(first.get_absolute_url())
    phone.inspect_in_both_colours()
    phone.page.get_by_role("link", name="Další akce").tap()
    expect(phone.page.locator(".neighbours")).to_contain_text("2 / 3")
