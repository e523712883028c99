"""The main job from the plan to the last mail, played by the people who do it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from credentials.tests.factories import hold
from events.models import Event
from events.rules.lifecycle import Status
from medcover.system.models import AuditEntry, SiteSettings
from notifications.models import OutboxMessage
from notifications.tests.smtp import MailServer
from roster.models import User
from roster.tests.factories import PASSWORD, make_coordinator, make_member
from tests_browser.cast import Skills, in_days, make_skills
from tests_browser.screens import DESKTOP, PHONE, Screen, Screens
from tests_browser.worker import running_worker

pytestmark = pytest.mark.browser

NAME = "Půlmaraton – Letná"


@dataclass(frozen=True)
class Cast:
    """Who plays: one plans, three sign up, one has no qualification."""

    skills: Skills
    coordinator: User
    medic: User
    driver: User
    rookie: User
    onlooker: User


@pytest.fixture
def cast(site: SiteSettings) -> Cast:
    """People as they would be entered by an administrator; the driver is a medic, too."""
    skills = make_skills()
    cast = Cast(
        skills=skills,
        coordinator=make_coordinator(name="Nováková Jana", email="novakova@example.org"),
        medic=make_member(name="Dvořáková Alena", email="dvorakova@example.org"),
        driver=make_member(name="Svoboda Radim", email="svoboda@example.org"),
        rookie=make_member(name="Černý Dan", email="cerny@example.org"),
        onlooker=make_member(name="Malý Karel", email="maly@example.org"),
    )
    hold(cast.medic, skills.medic)
    hold(cast.driver, skills.driver, skills.medic)
    return cast


def test_from_the_plan_to_a_covered_event(
    open_screen: Screens, cast: Cast, mail_server: MailServer, tmp_path: Path
) -> None:
    desk = open_screen(DESKTOP)
    phones = {who: open_screen(PHONE, who) for who in (cast.medic, cast.driver, cast.rookie, cast.onlooker)}
    start, end = in_days(3), in_days(3, 22)

    with running_worker(tmp_path / "worker.log") as worker:
        log_in(desk, cast.coordinator)
        create_event(desk, cast.skills, start, end)
        take_step(desk, "publish", Status.PUBLISHED)
        take_step(desk, "open", Status.OPEN)
        event = Event.objects.get(name=NAME)

        join_from_page(phones[cast.medic], event, "Zdravotník")
        join_from_list(phones[cast.rookie], event)
        look_on(phones[cast.onlooker], event)
        join_from_page(phones[cast.driver], event, "Řidič sanitky")
        expect(phones[cast.driver].page.locator("#event-summary")).to_contain_text("Přihlášky uzavřeny")
        see_leader(phones[cast.driver], cast.medic)

        leave(phones[cast.medic], event)
        expect(phones[cast.medic].page.locator("#event-summary")).to_contain_text("Přihlášky otevřeny")
        see_leader(phones[cast.medic], cast.driver)

        waiting = OutboxMessage.objects.exclude(status=OutboxMessage.Status.SENT)
        # News of the same kind rest for a while after the first.
        due = waiting.filter(send_after=None)
        worker.wait_until(lambda: not due.exists(), "all mails have been sent")

    feed = read_feed(phones[cast.driver])
    assert [(str(entry["summary"]), entry["dtstart"].dt, entry["dtend"].dt) for entry in feed.events] == [
        (NAME, start, end)
    ]
    assert f"/events/{event.pk}/" in str(feed.events[0]["url"])

    with running_worker(tmp_path / "later.log", ahead=end + timedelta(minutes=1) - timezone.now()) as worker:
        worker.wait_until(lambda: Event.objects.filter(pk=event.pk, status=Status.COMPLETED).exists(), "it is over")
        worker.wait_until(lambda: not waiting.exists(), "all mails have been sent")
    expect(desk.open(f"/admin/events/event/{event.pk}/change/").locator(".row-summary")).to_contain_text("Dokončena")

    check_mails(cast, mail_server)
    assert not waiting.exists()
    check_link_in_mail(phones[cast.rookie], mail_server, event)
    check_record(desk, cast, event)


# --- what the coordinator does at the desk -----------------------------------------------------------


def log_in(desk: Screen, person: User) -> None:
    page = desk.open("/admin/")
    desk.inspect()
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Heslo").fill(PASSWORD)
    page.get_by_role("button", name="Přihlásit se").click()
    expect(page).to_have_url(re.compile(r"/admin/$"))


def create_event(desk: Screen, skills: Skills, start: datetime, end: datetime) -> None:
    """Plan from an empty form; sign-ups are to open in two hours."""
    page = desk.open("/admin/events/event/add/")
    page.locator("#id_name").fill(NAME)
    for field, moment in [("start", start), ("end", end), ("signups_open_at", timezone.now() + timedelta(hours=2))]:
        for part, pattern in enumerate(["%d.%m.%Y", "%H:%M"]):
            control = page.locator(f"#id_{field}_{part}")
            control.fill(timezone.localtime(moment).strftime(pattern))
            control.press("Tab")
    page.locator("#id_address").fill("Letenská pláň, Praha 7")
    page.get_by_label("Pozice: každá pro jednoho člověka").check()
    for number, (description, wanted) in enumerate(
        [("Zdravotník", skills.medic), ("Řidič sanitky", skills.driver), ("Zelenáč", None)]
    ):
        row = page.locator(f"#positions-{number}")
        row.locator("[name$=description]").fill(description)
        if wanted is not None:
            row.get_by_label(wanted.name, exact=True).check()
    desk.inspect("a filled form of an event")
    page.locator("[name=_save]").click()
    expect(page.locator(".row-summary")).to_contain_text("Koncept")
    desk.inspect("a draft")


def take_step(desk: Screen, code: str, target: Status) -> None:
    """Press the button of a step, read what will happen, and press again."""
    page = desk.page
    step = page.locator("details.step", has=page.locator(f"form[action$='/step/{code}/']"))
    step.locator("summary").click()
    desk.inspect(f"about to {code}")
    step.locator("form button").click()
    expect(page.locator(".row-summary")).to_contain_text(str(target.label))


# --- what members do on their phones -----------------------------------------------------------------


def join_from_page(phone: Screen, event: Event, position: str) -> None:
    """Find the event in the list, open it, take a place."""
    page = phone.open("/events/")
    page.get_by_role("link", name=NAME, exact=True).tap()
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    page.get_by_role("button", name=f"Přihlásit se na pozici {position}").tap()
    expect(page.get_by_role("status")).to_contain_text(f"Jste přihlášeni na akci {NAME}, pozice {position}.")
    expect(place(page, position)).to_contain_text("(vy)")
    phone.inspect("an event that one has just joined")


def join_from_list(phone: Screen, event: Event) -> None:
    """Take the only fitting place with one touch, without leaving the list."""
    page = phone.open("/events/")
    page.get_by_role("button", name=f"Přihlásit se na akci {NAME}, pozice Zelenáč").tap()
    expect(page.locator(f"#event-{event.pk}")).to_contain_text("Přihlášen")
    phone.inspect("a list in which one has just joined")


def look_on(phone: Screen, event: Event) -> None:
    """Without the qualification nothing is offered, and the page says why."""
    page = phone.open("/events/")
    expect(page.locator(f"#event-{event.pk}")).to_be_visible()
    expect(page.locator(f"#event-{event.pk} button")).to_have_count(0)
    phone.open(f"/events/{event.pk}/")
    expect(place(page, "Řidič sanitky")).to_contain_text("Nemáte požadovanou kvalifikaci pro tuto pozici.")
    expect(page.get_by_role("button", name="Přihlásit se")).to_have_count(0)
    phone.inspect("an event that one cannot join")


def leave(phone: Screen, event: Event) -> None:
    """Sign off; the page asks once and says what follows."""
    page = phone.open(f"/events/{event.pk}/")
    page.locator("summary", has_text="Odhlásit se").tap()
    expect(page.locator(".confirm[open]")).to_contain_text("zodpovědn")
    page.get_by_role("button", name="Odhlásit se").tap()
    expect(page.get_by_role("status")).to_contain_text(f"Odhlásili jsme vás z akce {NAME}.")
    phone.inspect("an event that one has just left")


def see_leader(phone: Screen, leader: User) -> None:
    expect(phone.page.locator("#event-crew .facts")).to_contain_text(leader.name)


def place(page: Page, position: str) -> Any:
    return page.locator("#event-crew .place", has_text=position)


def read_feed(phone: Screen) -> icalendar.Calendar:
    """Copy the link from the profile and read it as a calendar does: without a login."""
    link = phone.open("/profile/").locator("#calendar-link-own").input_value()
    phone.inspect()
    stranger = phone.context.browser.new_context()
    try:
        answer = stranger.request.get(link)
        assert (answer.status, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
        return icalendar.Calendar.from_ical(answer.body())
    finally:
        stranger.close()


# --- what has come of it -----------------------------------------------------------------------------


def check_mails(cast: Cast, server: MailServer) -> None:
    """News that can wait are one mail for each person; only whoever leads hears at once who comes and goes."""
    everybody = ("Akce byla zveřejněna.", "Přihlášky byly otevřeny.")
    told: dict[User, tuple[str, ...]] = {
        cast.coordinator: everybody,
        cast.onlooker: everybody,
        cast.rookie: (*everybody, "Byli jste přihlášeni"),
        cast.medic: (*everybody, "Byli jste přihlášeni", "Byli jste odhlášeni", "Nová přihláška"),
        cast.driver: (*everybody, "Byli jste přihlášeni", cast.medic.name),
    }
    for person, news in told.items():
        mails = server.to(person.email)
        text = "\n".join(mail.text for mail in mails)
        assert [words for words in news if words not in text] == [], person
        assert len(mails) == 1 if person in (cast.coordinator, cast.onlooker, cast.rookie) else len(mails) <= 4, person
        assert all(NAME in mail.subject for mail in mails)


def check_link_in_mail(phone: Screen, server: MailServer, event: Event) -> None:
    """A mail leads to the page of its event."""
    (mail,) = server.to("cerny@example.org")
    (link,) = set(re.findall(rf"http://\S+/events/{event.pk}/", mail.text))
    expect(phone.open(link).get_by_role("heading", name=NAME)).to_be_visible()


def check_record(desk: Screen, cast: Cast, event: Event) -> None:
    """The record names who did what, and the page of the event shows it."""
    entries = AuditEntry.objects.filter(event_id=event.pk)
    actors = set(entries.values_list("actor__name", flat=True))
    assert actors == {None, cast.coordinator.name, cast.medic.name, cast.driver.name, cast.rookie.name}
    assert set(entries.filter(kind="delete").values_list("actor__name", flat=True)) == {cast.medic.name}
    for name in actors - {None}:
        expect(desk.page.locator("#history")).to_contain_text(name)
