"""The page behind the link of an invitation."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth import SESSION_KEY
from django.test import Client

from roster.models import Invitation, User
from roster.services import invitations
from roster.tests.factories import UserFactory, make_admin, make_member

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 1, 12, tzinfo=ZoneInfo("Europe/Prague"))
JANA = "jana@example.org"
PASSWORD = "kůň baterie svorka"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def invitation():
    return invitations.invite(JANA, by=make_admin(), at=NOW).sent[0]


@pytest.fixture
def address(invitation):
    return f"/register/{invitation.token}/"


def send(client, address, **typed):
    return client.post(address, {"name": "Nová Jana", "new": PASSWORD, "repeated": PASSWORD, **typed})


def refused(answer) -> bool:
    """Sent to the login with a sentence of refusal."""
    return (answer.status_code, answer["Location"]) == (302, "/login/") and _levels(answer) == ["error"]


def _levels(answer) -> list[str]:
    return [message.level_tag for message in answer.client.get("/login/").context["messages"]]


def test_leads_to_an_account_with_which_one_can_log_in(client, address):
    assert client.get(address).status_code == 200
    answer = send(client, address)
    assert (answer.status_code, answer["Location"]) == (302, "/login/")
    assert SESSION_KEY not in client.session
    client.post("/login/", {"username": JANA, "password": PASSWORD})
    assert client.get("/profile/").status_code == 200


def test_shows_whose_invitation_it_is_and_fixes_the_address(client, address):
    assert f'value="{JANA}"' in client.get(address).content.decode()
    send(client, address, email="zlo@example.org")
    assert [person.email for person in User.objects.filter(name="Nová Jana")] == [JANA]


def test_the_first_opening_is_remembered_but_not_a_mere_look(client, address, invitation, clock):
    assert client.head(address).status_code == 405
    client.get("/register/" + "0" * 64 + "/")
    invitation.refresh_from_db()
    assert invitation.opened_at is None
    client.get(address)
    clock.shift(timedelta(hours=1))
    client.get(address)
    invitation.refresh_from_db()
    assert invitation.opened_at == NOW


@pytest.mark.parametrize(
    "state", [{"used_at": NOW}, {"cancelled_at": NOW}, {"created_at": NOW - timedelta(2), "expires_at": NOW}]
)
def test_a_link_that_does_not_work_leads_to_the_login_with_a_sentence(client, address, state):
    Invitation.objects.update(**state)
    assert refused(client.get(address))
    assert refused(send(client, address))
    assert not User.objects.filter(email=JANA).exists()


@pytest.mark.parametrize("token", ["x", "0" * 64, "0" * 65, "%00", "ž", "x" * 3000])
def test_so_does_a_made_up_one(client, token):
    assert refused(client.get(f"/register/{token}/"))
    assert refused(send(client, f"/register/{token}/"))


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " \u200b "}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"new": "1234567", "repeated": "1234567"}, "new"),
        ({"repeated": "jiné heslo"}, "repeated"),
        ({"new": ""}, "new"),
    ],
)
def test_what_is_refused_comes_back_with_the_name_still_there(client, address, typed, field):
    answer = send(client, address, **typed)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert "autofocus" in answer.context["form"].fields[field].widget.attrs
    if "name" not in typed:
        assert 'value="Nová Jana"' in answer.content.decode()
    assert PASSWORD not in answer.content.decode()
    assert not User.objects.filter(email=JANA).exists()


def test_a_name_is_text_whatever_it_looks_like(client, address):
    send(client, address, name="<b>Nová</b>  \n Jana")
    person = User.objects.get(email=JANA)
    assert person.name == "<b>Nová</b> Jana"
    client.force_login(person)
    assert "<b>Nová</b>" not in client.get("/profile/").content.decode()


def test_an_address_that_has_an_account_by_now_leads_to_the_login(client, address):
    UserFactory(email=JANA)
    assert refused(send(client, address))


def test_somebody_logged_in_stays_who_they_are(client, address):
    member = make_member()
    client.force_login(member)
    send(client, address)
    assert client.session[SESSION_KEY] == str(member.pk)
    assert User.objects.get(email=JANA).is_active


def test_needs_its_csrf_token(address):
    assert send(Client(enforce_csrf_checks=True), address).status_code == 403
    assert not User.objects.filter(email=JANA).exists()


def test_is_never_cached_and_told_to_nobody(client, address):
    answer = client.get(address)
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "strict-origin-when-cross-origin"


def test_tells_password_managers_what_is_what(client, address):
    page = client.get(address).content.decode()
    assert page.count('autocomplete="new-password"') == 2
    assert 'autocomplete="username"' in page
    assert 'autocomplete="name"' in page


def test_there_is_no_registration_without_an_invitation(client):
    assert client.get("/register/").status_code in (302, 404)
