"""Worker jobs of this app."""

from __future__ import annotations

from notifications import delivery


def drain() -> int:
    """Deliver the outbox; run after every commit that wrote to it and once a minute."""
    return delivery.drain()
