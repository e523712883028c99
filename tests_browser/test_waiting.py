"""A full event: one waits, another leaves or hands over, and the mails lead to the buttons."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from credentials.tests.factories import hold
from events.models import Event, HandOver
from events.rules.lifecycle import Status
from events.tests.factories import EventFactory, PositionFactory, put
from medcover.system.models import SiteSettings
from notifications.models import OutboxMessage
from notifications.tests.smtp import MailServer, Received
from roster.models import User
from roster.tests.factories import make_coordinator, make_member
from tests_browser.cast import LONG_NAME, in_days, make_skills
from tests_browser.screens import DESKTOP, PHONE, Device, Screens
from tests_browser.worker import Worker, running_worker

pytestmark = pytest.mark.browser

NAME = "Koncert v parku"


@pytest.fixture
def mail_server(site: SiteSettings) -> Iterator[MailServer]:
    with MailServer() as server:
        server.configure_site()
        yield server


@pytest.fixture
def full(site: SiteSettings) -> tuple[Event, User, User]:
    """An event whose two places are taken, by its leader and by somebody on a place for anybody."""
    leader, other = make_member(name="Nováková Jana"), make_member(name="Malý Karel")
    medic = make_skills().medic
    hold(leader, medic)
    event = EventFactory(
        name=NAME, start=in_days(5), end=in_days(5, 22), status=Status.CLOSED, capacity_closed=True,
        responsible_person=leader,
    )  # fmt: skip
    put(leader, PositionFactory(event=event, description="Zdravotník", qualifications=[medic]))
    put(other, PositionFactory(event=event, description="Zelenáč"))
    return event, leader, other


def is_on(event: Event, person: User) -> bool:
    return event.assignments.filter(person=person).exists()


def mail_to(person: User, subject: str, server: MailServer, worker: Worker) -> Received:
    """Wait for a mail and return it."""

    def found() -> list[Received]:
        return [mail for mail in server.to(person.email) if subject in mail.subject]

    worker.wait_until(found, f"“{subject}” has come to {person}")
    return found()[0]


def link_in(mail: Received, event: Event) -> str:
    (link,) = set(re.findall(rf"http://\S+/events/{event.pk}/", mail.text))
    return link


def test_one_waits_another_leaves_and_one_click_takes_the_place(
    open_screen: Screens, full: tuple[Event, User, User], mail_server: MailServer, tmp_path: Path
) -> None:
    event, leader, other = full
    waiting = make_member(name=LONG_NAME)
    phone, leaver = open_screen(PHONE, waiting), open_screen(PHONE, other)
    page = phone.open(f"/events/{event.pk}/")
    phone.inspect("a full event")
    page.get_by_role("button", name="Zapsat se na čekací listinu").tap()
    expect(page.locator("#event-waiting")).to_contain_text("Na čekací listině jste na 1. místě")
    phone.inspect("an event that one waits for")

    desk = open_screen(DESKTOP, leader)
    desk.open(f"/events/{event.pk}/").locator("summary", has_text="Čekací listina").click()
    expect(desk.page.locator(".queue-names")).to_contain_text(LONG_NAME)
    desk.inspect_in_both_colours()

    with running_worker(tmp_path / "worker.log") as worker:
        page_of_leaver = leaver.open(f"/events/{event.pk}/")
        page_of_leaver.locator("summary", has_text="Odhlásit se").tap()
        page_of_leaver.get_by_role("button", name="Odhlásit se").tap()
        expect(page_of_leaver.locator("#event-crew")).to_contain_text("Nabídnuto do")
        expect(page_of_leaver.locator("#event-summary")).to_contain_text("Přihlášky uzavřeny")
        assert not is_on(event, waiting)

        mail = mail_to(waiting, "Nabídka místa", mail_server, worker)
        assert "Držíme ho pro vás do" in mail.text
        mail_to(leader, "Uvolněné místo", mail_server, worker)

        phone.open("/")
        expect(phone.page.locator(".panel-question")).to_contain_text(NAME)
        phone.inspect_in_both_colours()
        phone.open(link_in(mail, event))
        phone.inspect_in_both_colours()
        phone.page.get_by_role("button", name="Přijmout").tap()
        expect(phone.page.locator("#messages")).to_contain_text(f"jste přihlášeni na akci {NAME}")
        expect(phone.page.locator("#event-crew .is-mine")).to_contain_text("(vy)")
        assert is_on(event, waiting)
        # What they have just done themselves can wait for more news.
        assert OutboxMessage.objects.pending().filter(recipient=waiting, code="assignment_confirmed").exists()
        assert "Nová přihláška" in mail_to(leader, "Obsazené místo", mail_server, worker).text


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_one_hands_the_duty_over(
    open_screen: Screens, full: tuple[Event, User, User], mail_server: MailServer, tmp_path: Path, scripts: bool
) -> None:
    event, leader, giver = full
    substitute = make_member(name="Řeháková Šárka")
    phone = open_screen(PHONE, giver, scripts=scripts)
    page = phone.open(f"/events/{event.pk}/")
    page.get_by_role("link", name="Předat službu").tap()
    expect(page.locator("#substitutes")).to_contain_text("alespoň dvě písmena")
    box = page.get_by_role("searchbox")
    if scripts:
        # The answer to the last letter, too: whoever leaves while a search is under way aborts it, which is an error.
        with page.expect_response(lambda answer: answer.url.endswith("rehak")):
            box.press_sequentially("rehak")
        expect(page.locator(".htmx-request")).to_have_count(0)
    else:
        box.fill("rehak")
        box.press("Enter")
    ask = page.get_by_role("button", name="Požádat o záskok: Řeháková Šárka")
    expect(ask).to_be_visible()
    if scripts:
        phone.inspect_in_both_colours()
    ask.tap()
    expect(page.locator("#event-waiting")).to_contain_text("O převzetí služby jste požádali: Řeháková Šárka")
    if scripts:
        phone.inspect("a duty that is being handed over")

    with running_worker(tmp_path / "worker.log") as worker:
        mail = mail_to(substitute, "Můžete zaskočit?", mail_server, worker)
        other_phone = open_screen(PHONE, substitute, scripts=scripts)
        other_page = other_phone.open(link_in(mail, event))
        if scripts:
            other_phone.inspect_in_both_colours()
        other_page.get_by_role("button", name="Převzít službu").tap()
        expect(other_page.locator("#messages")).to_contain_text("Službu jste převzali")
        for person in (giver, substitute, leader):
            mail_to(person, "Služba předána", mail_server, worker)
    assert (is_on(event, substitute), is_on(event, giver)) == (True, False)
    assert HandOver.objects.get().state == HandOver.State.ACCEPTED


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=lambda device: device.name)
def test_the_backoffice_shows_the_waiting_list_and_its_settings(
    open_screen: Screens, full: tuple[Event, User, User], device: Device
) -> None:
    event, _leader, _other = full
    event.queue.create(person=make_member(name=LONG_NAME))
    screen = open_screen(device, make_coordinator())
    expect(screen.open(f"/admin/events/event/{event.pk}/change/").locator(".event-queue")).to_contain_text(LONG_NAME)
    screen.inspect_in_both_colours()
