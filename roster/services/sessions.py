"""Service that ends sessions."""

from __future__ import annotations

from roster.models import User


def end_sessions(person: User) -> None:
    """End all sessions of the person; the row is locked by the caller, who may keep the one in use alive."""
    person.session_epoch += 1
    person.save(update_fields=["session_epoch"])
