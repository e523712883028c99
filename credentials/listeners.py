"""Signal receivers for what the apps below announce; each only calls one service."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from credentials import services
from roster.signals import person_registered


def connect() -> None:
    """Connect the receivers."""
    person_registered.connect(_grant_invited, dispatch_uid="credentials.registration")


def _grant_invited(*, person_id: Any, invitation_id: int, by: Any, at: datetime, **_kwargs: object) -> None:
    services.grant_invited(person_id, invitation_id, by=by, at=at)
