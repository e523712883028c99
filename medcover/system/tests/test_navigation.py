"""Navigation and menu: what each sort of reader is offered, and which place is marked."""

from __future__ import annotations

import re

import pytest

from events.tests.factories import EventFactory
from medcover.system.models import SiteSettings
from medcover.tests.access import log_in
from roster.tests.factories import UserFactory, make_member

pytestmark = pytest.mark.django_db

MENU = re.compile(r'<a class="menu-item" href="([^"?]+)[^"]*"( aria-current="page")?')
NAV = re.compile(r'<nav class="site-nav".*?</nav>', re.DOTALL)
ENTRY = re.compile(r'<a href="([^"]+)"(?: aria-current="(\w+)")?')

EVERYBODY = ["/", "/events/", "/calendar/", "/profile/", "/guides/", "/changes/", "/feedback/"]


def squeezed(who: str, path: str = "/profile/") -> str:
    return " ".join(log_in(who).get(path).content.decode().split()).replace(" >", ">")


def menu(page: str) -> list[str]:
    return [path for path, _marked in MENU.findall(page)]


def marked(page: str) -> tuple[list[str], dict[str, str]]:
    found = NAV.search(page)
    assert found
    return [path for path, is_here in MENU.findall(page) if is_here], {
        path: how for path, how in ENTRY.findall(found[0]) if how
    }


@pytest.mark.parametrize(
    ("who", "more"),
    [
        ("nobody", set()),
        ("viewer", {"/people/", "/qualifications/", "/equipment/", "/public/", "/reports/"}),
        ("member", {"/people/", "/qualifications/", "/equipment/", "/public/", "/reports/"}),
        ("technician", {"/equipment/", "/equipment/repairs/", "/public/"}),
        ("debriefing", {"/debriefing/manage/"}),
    ],
)
def test_offers_what_somebody_may_open(who, more):
    assert set(menu(squeezed(who))) == {*EVERYBODY, *more}


def test_offers_coordinators_the_backoffice():
    found = menu(squeezed("coordinator"))
    assert {"/admin/", "/debriefing/needs/", "/equipment/repairs/"} <= set(found)
    assert found.index("/") < found.index("/people/") < found.index("/admin/") < found.index("/feedback/")


def test_leads_to_no_public_page_that_is_switched_off():
    SiteSettings.objects.filter(pk=SiteSettings.load().pk).update(public_pages=False)
    assert "/public/" not in menu(squeezed("technician"))


@pytest.mark.parametrize(
    ("who", "path", "in_menu", "in_navigation"),
    [
        ("member", "/", ["/"], {"/": "page"}),
        ("member", "/events/", ["/events/"], {"/events/": "page"}),
        ("member", "/calendar/", ["/calendar/"], {"/calendar/": "page"}),
        ("member", "/events/{event}/", [], {"/events/": "true"}),
        ("member", "/people/", ["/people/"], {}),
        ("member", "/people/{person}/", [], {}),
        ("member", "/equipment/types/", ["/equipment/"], {}),
        ("technician", "/equipment/", ["/equipment/"], {"/equipment/": "page"}),
        ("technician", "/equipment/types/", ["/equipment/"], {"/equipment/": "true"}),
        ("technician", "/equipment/repairs/", ["/equipment/repairs/"], {"/equipment/repairs/": "page"}),
        ("technician", "/equipment/repairs/kanban/", ["/equipment/repairs/"], {"/equipment/repairs/": "true"}),
    ],
)
def test_marks_where_one_is(who, path, in_menu, in_navigation):
    rows = {"event": EventFactory().pk, "person": UserFactory().pk}
    assert marked(squeezed(who, path.format(**rows))) == (in_menu, in_navigation)


def test_what_is_kept_for_one_reader_is_not_shown_to_another():
    assert "/admin/" in menu(squeezed("admin"))
    assert "/admin/" not in menu(squeezed("member"))
    assert "/admin/" in menu(squeezed("admin"))


def test_costs_no_statement(django_assert_max_num_queries, client):
    client.force_login(make_member(), backend="roster.backends.RoleBackend")
    client.get("/changes/")
    with django_assert_max_num_queries(3):
        client.get("/changes/")
