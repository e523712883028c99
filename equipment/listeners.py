"""Signal receivers for what the apps below announce; each only calls one service."""

from __future__ import annotations

from typing import Any

from equipment.services import packing
from events.signals import deletion_requested


def connect() -> None:
    """Connect the receivers."""
    deletion_requested.connect(_refuse_not_back, dispatch_uid="equipment.not_back")


def _refuse_not_back(*, event: Any, **_kwargs: object) -> None:
    packing.refuse_deleting(event)
