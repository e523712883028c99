"""Whatever an address, a form or a header brings: never an answer of 500, and our headers on every answer."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import Resolver404, resolve

from medcover.tests.access import log_in, make_rows
from medcover.tests.test_access_table import POSTS, TABLE

pytestmark = pytest.mark.django_db

HUGE = "9" * 25
VALUES = [
    "²",
    "a\0b",
    f"-{HUGE}",
    "0000-00-00",
    "99999-12-31",
    "'\";--{{ 1 }}\udcff",
]

#: What pages read from their addresses; every page is asked all of it.
PARAMETERS = (
    "q", "page", "p", "o", "sort", "status", "kind", "master", "for_me", "archived", "show", "more", "next", "start",
    "end", "term", "version", "year", "month", "status__exact", "kind__exact", "is_paid__exact", "time", "archive",
    "short", "leaderless", "state", "role", "qualification", "type", "subject", "text", "theme", "entity", "object",
    "actor", "system", "from", "to", "day", "date", "template", "copy", "ids", "person", "start__year", "start__month",
    "start__day", "all", "e", "_changelist_filters", "only", "doubt", "position", "coordinator", "kind",
    "location", "issue", "availability", "due", "plan", "ahead", "inspection", "type__id__exact", "location__id__exact",
    "area", "severity", "assignee", "item", "made", "kiosk",
)  # fmt: skip

FIELDS = (
    "person", "version", "next", "reason", "ids", "do", "day", "typed", "confirmation", "theme", "chosen", "among",
    "every", "name", "start", "end", "start_0", "start_1", "end_0", "end_1", "count", "username", "password", "code",
    "email", "logout_token", "shown", "on", "action", "dashboard_horizon", "colour", "positions-TOTAL_FORMS",
    "conditions-TOTAL_FORMS", "qualifications", "minimum", "maximum", "sealed", "since", "until", "kind", "title",
    "url", "category", "icon", "item", "ticked", "outcome", "note", "done_on", "done_by", "firm", "next_due",
    "description", "severity", "assignee", "assignee_id", "duplicate_of_id", "eta", "specialist_text", "status",
    "month", "website", "begun", "is_safety_risk", "is_consumable", "photo", "message", "page", "screen",
)  # fmt: skip

HEADERS = ("Content-Security-Policy", "X-Frame-Options", "Permissions-Policy", "X-Content-Type-Options")

UNDERSTOOD_NOT = "Požadavku jsme nerozuměli"

PATHS = sorted({path for _address, path, _answers in TABLE})


@pytest.fixture
def rows():
    return make_rows()


@pytest.fixture
def browser(rows):
    client = log_in("admin")
    client.raise_request_exception = False
    return client


def check(answer, said: str) -> None:
    assert answer.status_code < 500, (answer.status_code, said)
    missing = [name for name in HEADERS if name not in answer.headers]
    assert not missing, (said, missing)


class WatchedQuery(QueryDict):
    """The parameters of an address, which note that somebody has looked at them."""

    looked_at = False


def _noting(name: str):
    def method(self, *args, **kwargs):
        WatchedQuery.looked_at = True
        return getattr(QueryDict, name)(self, *args, **kwargs)

    return method


for _name in ("__getitem__", "__contains__", "__iter__", "__len__", "_getlist", "keys", "values", "items", "lists",
              "copy", "dict", "urlencode"):  # fmt: skip
    setattr(WatchedQuery, _name, _noting(_name))


@pytest.fixture
def is_looked_at(monkeypatch):
    """Ask a page and tell whether it has read any parameter; whatever has not cannot stumble over their values."""
    monkeypatch.setattr("django.core.handlers.wsgi.QueryDict", WatchedQuery)

    def ask(browser, address: str) -> bool:
        WatchedQuery.looked_at = False
        browser.get(address)
        return WatchedQuery.looked_at

    return ask


@pytest.mark.logs_errors
class TestAddresses:
    def test_every_page_bears_every_value_in_every_parameter(self, browser, rows, is_looked_at):
        queries = {value: "&".join(f"{name}={percent(value)}" for name in PARAMETERS) for value in VALUES}
        reading = [path for path in PATHS if is_looked_at(browser, with_query(path.format(**rows), "q=x"))]
        assert {"/events/", "/admin/events/event/", "/public/"} <= set(reading)
        assert "/healthz" not in reading
        for path in reading:
            for value, query in queries.items():
                check(browser.get(with_query(path.format(**rows), query)), f"{path} {value!r}")

    @pytest.mark.parametrize("path", ["/events/", "/equipment/", "/people/", "/admin/events/event/", "/public/"])
    def test_lists_bear_what_is_long(self, browser, path):
        query = "&".join(f"{name}={'x' * 900}" for name in PARAMETERS)
        check(browser.get(f"{path}?{query}"), path)

    @pytest.mark.parametrize("part", [HUGE, "%00", "a%00b", "%ff", "%ed%a0%80", "..", "%2e%2e%2f", "x" * 3000])
    def test_every_part_of_an_address_bears_every_value(self, browser, rows, part):
        """What leads to no view is answered by the same page each time, so that is asked for once."""
        addresses = [
            path.replace(f"{{{name}}}", part).format(**rows) for path in PATHS for name in rows if f"{{{name}}}" in path
        ]
        nowhere = [address for address in addresses if not leads_somewhere(address)]
        for address in {*addresses} - {*nowhere[1:]}:
            check(browser.get(address), address[:200])


def leads_somewhere(address: str) -> bool:
    try:
        resolve(unquote(address.partition("?")[0], errors="replace"))
    except Resolver404:
        return False
    return True


def with_query(address: str, query: str) -> str:
    return address + ("&" if "?" in address else "?") + query


def percent(value: str) -> str:
    return "".join(f"%{byte:02x}" for byte in value.encode("utf-8", "surrogateescape"))


@pytest.mark.logs_errors
class TestForms:
    @pytest.mark.parametrize("value", ["9" * 900, "a\0b", "\udcff"], ids=["huge", "NUL", "bytes"])
    def test_every_form_bears_every_value(self, browser, rows, value):
        body = "&".join(f"{name}={percent(value)}" for name in FIELDS).encode()
        for path in sorted({path for path, _answers in POSTS} | set(PATHS)):
            if "logout" in path:
                continue
            answer = browser.post(path.format(**rows), body, content_type="application/x-www-form-urlencoded")
            check(answer, f"{path} {value!r}")

    def test_what_the_database_cannot_hold_is_refused_with_a_sentence_and_changes_nothing(self, browser, rows):
        answer = browser.post("/events/{event}/hand-over/".format(**rows), {"person": "a\0b"})
        assert answer.status_code < 500
        answer = browser.post("/admin/notifications/notificationswitch/", {"shown": "a\0b", "on": "a\0b"})
        assert answer.status_code in (302, 400)


@pytest.mark.logs_errors
class TestBodies:
    TYPES = (
        "application/x-www-form-urlencoded; charset=utf-7", "application/x-www-form-urlencoded; charset=utf-16",
        "application/x-www-form-urlencoded; charset=bogus", "multipart/form-data", "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\xe9", "multipart/form-data; boundary=x; charset=utf-7", "application/json",
        "multipart/form-data; boundary=x; charset=base64", "multipart/form-data; boundary=x; charset=undefined",
        "text/plain; charset=idna",
        "a" * 5000, "",
    )  # fmt: skip
    BODIES = (
        b"username=a&password=b%00",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\x00',
        b"\xff\xfe",
        b"",
    )

    @pytest.mark.parametrize(
        "path", ["/login/", "/password/forgotten/", "/nowhere/", "/profile/theme/", "/events/1/", "/csp-report"]
    )
    def test_of_every_sort_are_answered_with_our_headers(self, path):
        client = Client(raise_request_exception=False, enforce_csrf_checks=True)
        client.get("/login/")
        for content_type in self.TYPES:
            for body in self.BODIES:
                check(client.generic("POST", path, body, content_type=content_type), f"{path} {content_type[:60]}")

    @pytest.mark.parametrize(
        "cookie", ['sessionid="\\000aaaaaaaaaaaaaaaaaaaaaaaa"', "csrftoken=\xff", "x=" + "y" * 5000]
    )
    def test_cookies_of_every_sort_are_answered(self, cookie):
        check(Client(raise_request_exception=False).get("/login/", headers={"cookie": cookie}), cookie[:40])

    def test_in_another_encoding_are_not_understood(self):
        client = Client(raise_request_exception=False, enforce_csrf_checks=True)
        client.get("/login/")
        answer = client.generic("POST", "/login/", b"username=a", content_type=self.TYPES[0])
        assert answer.status_code == 400
        assert UNDERSTOOD_NOT in answer.content.decode()


class TestHosts:
    @pytest.mark.parametrize("redirects", [False, True])
    def test_foreign_ones_are_refused_quietly_and_with_our_headers(self, caplog, settings, redirects):
        settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["medcover.example"], redirects
        answer = Client(raise_request_exception=False).get("/login/", headers={"host": "evil.example"})
        assert answer.status_code == 400
        assert all(name in answer.headers for name in HEADERS[:3])
        assert "evil.example" not in caplog.text
        assert "Traceback" not in caplog.text
