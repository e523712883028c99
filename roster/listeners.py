"""Signal receivers for what the apps below announce."""

from __future__ import annotations

from typing import Any

from medcover.system.signals import settings_changing
from roster.services import second_factor


def connect() -> None:
    """Connect the receivers."""
    settings_changing.connect(on_settings_changing, dispatch_uid="roster.second_factor")


def on_settings_changing(*, changed: dict[str, Any], by: Any, **_kwargs: object) -> None:
    """Refuse to ask everybody for a second factor to whoever has none."""
    if changed.get("backoffice_requires_second_factor"):
        second_factor.refuse_without_factor(by)
