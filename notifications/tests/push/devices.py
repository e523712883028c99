"""Browsers with keys of their own, as far as a server gets to know them."""

from __future__ import annotations

import base64
import json
import os
from itertools import count
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from notifications.push import keys
from notifications.push.models import PushSubscription
from notifications.push.services import SentKeys

_numbers = count(1)


def in_base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class Browser:
    """What a browser keeps for itself, and what it gives out."""

    def __init__(self, service: str = "https://push.example.org") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.secret = os.urandom(16)
        self.path = f"/send/{next(_numbers)}"
        self.endpoint = f"{service}{self.path}"

    @property
    def sent(self) -> SentKeys:
        """What it sends when it has subscribed."""
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return SentKeys(self.endpoint, in_base64(point), in_base64(self.secret))

    def read(self, body: bytes) -> dict[str, Any]:
        """Decrypt what was pushed."""
        plain = http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret, version="aes128gcm")
        return json.loads(plain)


def subscribed(person: Any, browser: Browser | None = None, **fields: Any) -> PushSubscription:
    """A device of a person, without asking a service of ours for it."""
    sent = (browser or Browser()).sent
    row = PushSubscription(
        **{"person": person, "p256dh": sent.p256dh, "application_key": keys.public_key(), "label": "Firefox, Android"}
        | fields
    )
    row.keep(sent.endpoint, sent.auth)
    row.save()
    return row
