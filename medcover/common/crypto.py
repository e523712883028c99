"""Symmetric encryption of the few secrets that must be stored readable by the server."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


def _box() -> Fernet:
    """The key is derived from the application's secret; a changed secret makes old values unreadable."""
    digest = hashlib.sha256(settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def encrypt(plain: str) -> str:
    """Return `plain` as a printable token that only this installation can open."""
    return _box().encrypt(plain.encode()).decode("ascii")


def decrypt(token: str) -> str | None:
    """Return the text, or None when the token is empty, damaged or from another secret."""
    try:
        return _box().decrypt(token.encode()).decode()
    except (InvalidToken, ValueError):
        return None
