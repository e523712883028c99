"""A form from another site is taken by no address, whoever's browser is made to send it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from medcover.tests.access import log_in, make_rows
from medcover.tests.test_access_table import TABLE

pytestmark = pytest.mark.django_db

#: Sent by the servers of the provider and of Slack, which have no cookie of ours; what they send is signed.
#: Reports are sent by browsers themselves, without a token; they change nothing but a count.
FROM_ELSEWHERE = {"oidc_backchannel_logout", "push:slack", "csp_report"}

#: What a page on another site could make a browser send.
FORGED = {"email": "petr@example.org", "name": "Jiný", "theme": "dark", "ids": "1", "action": "publish", "on": "x"}


@pytest.fixture
def rows() -> dict[str, Any]:
    return make_rows()


def without_token(who: str) -> Client:
    """A browser with that person's session and no token."""
    client = Client(enforce_csrf_checks=True)
    client.cookies = log_in(who).cookies
    return client


def is_refused(answer: HttpResponse) -> bool:
    return answer.status_code == 403 and "403_csrf.html" in [template.name for template in answer.templates]


@pytest.mark.parametrize("who", ["superuser", "anonymous"])
def test_every_address_but_three_wants_the_token(who, rows):
    client = without_token(who)
    with CaptureQueriesContext(connection) as queries:
        taken = {
            address for address, path, _answers in TABLE if not is_refused(client.post(path.format(**rows), FORGED))
        }
    assert taken == FROM_ELSEWHERE
    written = [query["sql"] for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert [sql for sql in written if "django_session" not in sql] == []


def test_a_token_of_another_browser_is_none(rows):
    stranger, client = Client(enforce_csrf_checks=True), without_token("superuser")
    stranger.get("/login/")
    client.get("/profile/")
    token = stranger.cookies["csrftoken"].value
    assert is_refused(client.post("/profile/preferences/", {**FORGED, "csrfmiddlewaretoken": token}))
    own = client.cookies["csrftoken"].value
    assert not is_refused(client.post("/profile/preferences/", {**FORGED, "csrfmiddlewaretoken": own}))
