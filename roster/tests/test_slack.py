"""The link to a new password in Slack, beside the one in the mail."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from notifications import delivery
from notifications.models import OutboxMessage
from notifications.tests.slack.workspace import slack_server, workspace  # noqa: F401 - fixtures
from roster.models import User
from roster.services import passwords
from roster.tests.factories import make_admin, make_member

pytestmark = pytest.mark.django_db

CODE = "password_reset_in_slack"


@pytest.fixture
def person():
    return make_member(email="jan@example.org", slack_handle="@jan")


def posted() -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(code=CODE))


def test_who_is_in_slack_gets_it_there_too(workspace, person):  # noqa: F811
    slack_id = workspace.user("jan@example.org")
    passwords.request_reset("jan@example.org")
    assert "token" not in str(posted()[0].payload)
    delivery.drain()
    ((channel, text),) = workspace.posts
    assert channel == slack_id
    link = re.search(r"<http://testserver(/password/new/[^>]+)>", text)
    assert Client().get(link[1]).status_code == 302
    page = make_admin()
    browser = Client()
    browser.force_login(page, backend="roster.backends.RoleBackend")
    shown = browser.get(f"/admin/notifications/outboxmessage/{posted()[0].pk}/change/").content.decode()
    assert "/password/new/" not in shown


def test_without_a_name_in_slack_or_without_slack_it_is_not(workspace, settings, person):  # noqa: F811
    User.objects.update(slack_handle="")
    passwords.request_reset("jan@example.org")
    User.objects.update(slack_handle="@jan", password_reset_nonce="")
    settings.SLACK_BOT_TOKEN = ""
    passwords.request_reset("jan@example.org")
    assert posted() == []


def test_whom_slack_does_not_know_has_the_mail(workspace, person):  # noqa: F811
    passwords.request_reset("jan@example.org")
    delivery.drain()
    assert workspace.posts == []
    assert posted()[0].last_error == "HTTP 200 users_not_found"
    assert OutboxMessage.objects.get(code="password_reset").status == "sent"


def test_a_link_that_was_used_is_not_sent(workspace, person):  # noqa: F811
    passwords.request_reset("jan@example.org")
    User.objects.update(password_reset_nonce="")
    delivery.drain()
    assert posted()[0].status == "skipped"
    assert workspace.posts == []
