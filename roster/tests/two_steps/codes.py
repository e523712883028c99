"""Authenticator apps for tests, and the two steps of a login."""

from __future__ import annotations

import base64

from django.contrib.auth import SESSION_KEY
from django.http import HttpResponse
from django.test import Client
from django_otp.oath import totp

from roster.models import Authenticator, User
from roster.services import second_factor
from roster.tests.factories import PASSWORD

LOGIN = "/login/"
STEP = "/login/code/"
PAGE = "/profile/second-factor/"
SETUP = "/profile/second-factor/setup/"
PETR = "petr@example.org"


def code_of(device: Authenticator, *, steps: int = 0) -> str:
    """What a phone shows now whose clock is `steps` times thirty seconds ahead."""
    key = base64.b32decode(device.secret or "")
    return f"{totp(key, drift=steps):06d}"


def switch_on(person: User) -> tuple[Authenticator, list[str]]:
    """Give the person a second factor; return the app, whose present code is used up, and the recovery codes."""
    device = second_factor.begin(person.pk)
    codes = second_factor.confirm(person.pk, code_of(device), by=person)
    assert codes
    device.refresh_from_db()
    person.refresh_from_db()
    return device, codes


def log_in(client: Client, **more: str) -> HttpResponse:
    """Take the first step."""
    return client.post(LOGIN, {"username": PETR, "password": PASSWORD, **more})


def send(client: Client, code: str, **more: str) -> HttpResponse:
    """Take the second step."""
    return client.post(STEP, {"code": code, **more})


def is_logged_in(client: Client) -> bool:
    """Say whether both steps have been taken."""
    return SESSION_KEY in client.session
