"""Signal receivers for what the apps below announce; each only calls one service."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from credentials.signals import deletion_requested, qualifications_changed
from events.services import masters, people_changes, templates
from roster.signals import standing_changed


def connect() -> None:
    """Connect the receivers."""
    standing_changed.connect(_recheck_people, dispatch_uid="events.people_changes")
    qualifications_changed.connect(_recheck_people, dispatch_uid="events.qualifications")
    deletion_requested.connect(_refuse_used, dispatch_uid="events.deletion")


def _recheck_people(*, person_ids: list[Any] | None, at: datetime, **_kwargs: object) -> None:
    people_changes.recheck_people(person_ids, at=at)


def _refuse_used(*, qualification: Any, **_kwargs: object) -> None:
    masters.refuse_deleting_used(qualification)
    templates.refuse_deleting_used(qualification)
