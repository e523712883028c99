"""Signal receivers for what the apps below announce; each only calls one service."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from debriefing.services import asking, imported
from events.models import Assignment, Event
from events.signals import event_completed, past_event_imported


def connect() -> None:
    """Connect the receivers."""
    event_completed.connect(_invite, dispatch_uid="debriefing.invitation")
    past_event_imported.connect(_fill_in, dispatch_uid="debriefing.imported")


def _invite(*, event: Event, notify: bool, at: datetime, **_kwargs: object) -> None:
    if notify:
        asking.invite(event, at=at)


def _fill_in(*, assignments: Iterable[Assignment], by: Any, at: datetime, **_kwargs: object) -> None:
    imported.fill_in(assignments, by=by, at=at)
