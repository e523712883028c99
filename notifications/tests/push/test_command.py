"""The key: made by a command, judged when the site starts."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from medcover.settings.refusals import reasons_against_push
from notifications.push import keys


def lines(*arguments: str) -> dict[str, str]:
    out = StringIO()
    call_command("vapid_key", *arguments, stdout=out)
    return dict(line.split("=", 1) for line in out.getvalue().splitlines())


@pytest.mark.parametrize("contact", ["spravce@example.org", "mailto:spravce@example.org"])
def test_the_command_prints_what_the_site_starts_with(settings, contact):
    environment = lines("--contact", contact)
    assert environment["VAPID_SUBJECT"] == "mailto:spravce@example.org"
    assert list(reasons_against_push(environment)) == []
    settings.VAPID_PRIVATE_KEY = environment["VAPID_PRIVATE_KEY"]
    assert keys.is_on()
    assert len(keys.public_key()) == 87


def test_each_time_another_one():
    assert lines()["VAPID_PRIVATE_KEY"] != lines()["VAPID_PRIVATE_KEY"]


def test_without_a_key_nothing_is_asked_for():
    assert list(reasons_against_push({})) == []
    assert list(reasons_against_push({"VAPID_SUBJECT": "nonsense"})) == []


@pytest.mark.parametrize("key", ["x", "A" * 43, "/" * 43, "_" * 43, "é" * 43, "A" * 44, "-----BEGIN PRIVATE KEY-----"])
def test_what_is_no_key_keeps_the_site_from_starting(key):
    reasons = list(reasons_against_push({"VAPID_PRIVATE_KEY": key, "VAPID_SUBJECT": "mailto:a@example.org"}))
    assert len(reasons) == 1
    assert "vapid_key" in reasons[0]


@pytest.mark.parametrize(
    "contact", ["", "a@example.org", "mailto:", "mailto:a", "http://example.org", "mailto:a b@c.cz"]
)
def test_so_does_a_key_without_a_contact(contact):
    reasons = list(reasons_against_push({"VAPID_PRIVATE_KEY": keys.new_pair().private, "VAPID_SUBJECT": contact}))
    assert [reason.split()[0] for reason in reasons] == ["VAPID_SUBJECT"]
