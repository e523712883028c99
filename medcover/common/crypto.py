"""Symmetric encryption of the few secrets that must be stored readable by the server."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


def _box() -> MultiFernet:
    """Keys are derived from the application's secret, which encrypts, and from those of the past, which only open."""
    return MultiFernet([_fernet(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _fernet(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest()))


def encrypt(plain: str) -> str:
    """Return `plain` as a printable token that only this installation can open."""
    return _box().encrypt(plain.encode()).decode("ascii")


def decrypt(token: str) -> str | None:
    """Return the text, or None when the token is empty, damaged or from another secret."""
    try:
        return _box().decrypt(token.encode()).decode()
    except (InvalidToken, ValueError):
        return None
