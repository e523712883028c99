"""Signal receivers for what the apps below announce; each only calls one service."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from debriefing.services import asking, imported
from events.models import Event
from events.signals import event_completed, past_events_imported


def connect() -> None:
    """Connect the receivers."""
    event_completed.connect(_invite, dispatch_uid="debriefing.invitation")
    past_events_imported.connect(_fill_in, dispatch_uid="debriefing.imported")


def _invite(*, event: Event, notify: bool, at: datetime, **_kwargs: object) -> None:
    if notify:
        asking.invite(event, at=at)


def _fill_in(*, event_ids: Iterable[int], by: Any, at: datetime, **_kwargs: object) -> None:
    imported.fill_in(event_ids, by=by, at=at)
