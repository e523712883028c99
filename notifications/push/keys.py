"""The key pair by which push services know this installation (VAPID, RFC 8292); no account anywhere belongs to it."""

from __future__ import annotations

import base64
import time
from functools import lru_cache
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

_BYTES = 32

#: Seconds; services refuse signatures that are good for more than a day.
_SIGNATURE_LASTS = 12 * 3600


class KeyPair(NamedTuple):
    """Both halves as the environment and browsers take them: base64 for addresses, without padding."""

    private: str
    public: str


def is_on() -> bool:
    """Say whether this installation sends notifications to browsers at all."""
    return bool(settings.VAPID_PRIVATE_KEY)


def public_key() -> str:
    """Return the half that browsers are given when they subscribe; empty without a key."""
    return _public_half(settings.VAPID_PRIVATE_KEY) if is_on() else ""


def new_pair() -> KeyPair:
    """Make a key pair."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    private = _encoded(number.to_bytes(_BYTES, "big"))
    return KeyPair(private, _public_half(private))


def signed_headers(origin: str) -> dict[str, str]:
    """Return the header that tells the push service at `origin` who sends."""
    headers: dict[str, str] = _signer(settings.VAPID_PRIVATE_KEY).sign(
        {"sub": settings.VAPID_SUBJECT, "aud": origin, "exp": int(time.time()) + _SIGNATURE_LASTS}
    )
    return headers


@lru_cache(maxsize=4)
def _public_half(private: str) -> str:
    number = int.from_bytes(_decoded(private), "big")
    point = ec.derive_private_key(number, ec.SECP256R1()).public_key()
    return _encoded(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


@lru_cache(maxsize=4)
def _signer(private: str) -> Any:
    from py_vapid import Vapid  # only the worker signs

    return Vapid.from_raw(private.encode())


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
