"""Worker jobs of this app."""

from __future__ import annotations

from notifications import delivery, services


def drain() -> str:
    """Deliver the outbox; run after every commit that wrote to it and once a minute."""
    outcome = delivery.drain()
    if outcome is delivery.Outcome.OUT_OF_TIME:
        services.wake_worker()
    return outcome.name
