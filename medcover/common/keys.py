"""Keys that come from the environment."""

from __future__ import annotations

import base64
import binascii

KEY_BYTES = 32


def read_key(text: str) -> bytes:
    """Return the key that a setting holds; ValueError unless it is 32 bytes in base64, of either alphabet."""
    try:
        key = base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(key) != KEY_BYTES:
        raise ValueError(f"{len(key)} bytes instead of {KEY_BYTES}")
    return key
