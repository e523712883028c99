"""From an invitation to the first login, and from a forgotten password to a new one: by mail, with a real worker."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from credentials.tests.factories import QualificationFactory
from notifications.tests.smtp import MailServer
from roster.models import User
from roster.rights import Role
from roster.tests.factories import PASSWORD, make_admin, make_member
from tests_browser.screens import DESKTOP, PHONE, Screen, Screens
from tests_browser.worker import Worker, running_worker

pytestmark = pytest.mark.browser

JANA = "jana@example.org"
NEW = "úplně nové heslo"


@pytest.fixture
def worker(mail_server: MailServer, tmp_path) -> Iterator[Worker]:
    with running_worker(tmp_path / "worker.log") as worker:
        yield worker


def next_link(worker: Worker, server: MailServer, count: int) -> str:
    """Wait for the mail of that number and return its link to an account or a password."""
    worker.wait_until(lambda: len(server.messages) >= count, f"mail {count} has come")
    (link,) = re.findall(r"https?://\S+/(?:register|password/new)/\S+/", server.messages[count - 1].text)
    return str(link)


def log_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Heslo").fill(password)
    with page.expect_navigation():
        page.get_by_role("button", name="Přihlásit se").click()


def test_from_an_invitation_to_the_first_login(open_screen: Screens, mail_server: MailServer, worker: Worker) -> None:
    medic = QualificationFactory(name="Zdravotník")
    desk, phone = open_screen(DESKTOP, make_admin()), open_screen(PHONE)
    invite(desk, medic.name)
    link = next_link(worker, mail_server, 1)

    register(phone, link)
    page = phone.page
    expect(page.get_by_role("status")).to_contain_text("Váš účet je připraven")
    log_in(page, JANA, NEW)
    expect(page.get_by_role("heading", name="Přehled", exact=True)).to_be_visible()
    phone.inspect("the first page of somebody new")
    expect(phone.open("/profile/").locator("main")).to_contain_text(medic.name)

    worker.wait_until(lambda: len(mail_server.to(JANA)) == 2, "the welcome has come")
    jana = User.objects.get(email=JANA)
    assert (jana.name, jana.roles, jana.is_active) == ("Nová Jana", [Role.MEMBER], True)
    row = desk.open("/admin/roster/invitation/").locator("#result_list tbody tr")
    for words in (JANA, "Odesláno", "Otevřen", "Dokončena"):
        expect(row).to_contain_text(words)

    phone.context.clear_cookies()
    page.goto(link)
    expect(page.get_by_role("alert")).to_contain_text("Tato pozvánka neplatí")


def invite(desk: Screen, qualification: str) -> None:
    page = desk.open("/admin/roster/invitation/")
    page.locator("#id_addresses").fill(JANA)
    page.get_by_label(qualification).check()
    page.get_by_role("button", name="Pozvat").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    desk.inspect("an invitation on its way")


def register(phone: Screen, link: str) -> None:
    """Try a password that is too short, then a good one."""
    page = phone.page
    phone.watch.allow("status of 422")
    page.goto(link)
    phone.inspect_in_both_colours()
    for password in ("krátké", NEW):
        page.locator("[name=name]").fill("Nová Jana")
        page.locator("[name=new]").fill(password)
        page.locator("[name=repeated]").fill(password)
        with page.expect_navigation():
            page.locator("main button[type=submit]").tap()
        if password != NEW:
            expect(page.locator("[name=new].is-invalid")).to_be_visible()
            phone.inspect("a refused registration")


def test_from_a_forgotten_password_to_a_new_one(open_screen: Screens, mail_server: MailServer, worker: Worker) -> None:
    person = make_member(email="petr@example.org")
    phone = open_screen(PHONE)
    page = phone.page
    ask_for_link(phone, person.email)
    first = next_link(worker, mail_server, 1)
    ask_for_link(phone, person.email)
    link = next_link(worker, mail_server, 2)

    page.goto(link)
    phone.inspect_in_both_colours()
    page.locator("[name=new]").fill(NEW)
    page.locator("[name=repeated]").fill(NEW)
    page.locator("main button[type=submit]").tap()
    expect(page.get_by_role("status")).to_contain_text("Heslo")
    log_in(page, person.email, PASSWORD)
    expect(page.get_by_role("alert")).to_be_visible()
    log_in(page, person.email, NEW)
    expect(page.get_by_role("heading", name="Přehled", exact=True)).to_be_visible()
    assert [mail.recipients for mail in mail_server.messages] == [[person.email]] * 2

    # Both mails held the same link, and it has been used.
    other = open_screen(PHONE)
    other.watch.allow("status of 400")
    other.page.goto(first)
    expect(other.page.get_by_role("heading", name="Neplatný odkaz")).to_be_visible()
    other.inspect_in_both_colours()


def ask_for_link(phone: Screen, email: str) -> None:
    """Begin at the login, as somebody does who cannot remember."""
    page = phone.open("/login/")
    page.get_by_role("link", name="Zapomenuté heslo?").tap()
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Poslat odkaz").tap()
    expect(page.get_by_role("status")).to_contain_text("odkaz")
