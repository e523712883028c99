"""Authenticator apps for tests."""

from __future__ import annotations

import base64

from django_otp.oath import totp

from roster.models import Authenticator, User
from roster.services import second_factor


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
