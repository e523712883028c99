"""Whether there are backups."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from notifications.digest import sources
from notifications.digest.moments import moment
from notifications.digest.options import BlockOptions, Options
from notifications.digest.registry import BlockKind, Facts

#: A daily backup that is older than this has been missed.
OVERDUE_AFTER = timedelta(hours=25)


class BackupOptions(BlockOptions):
    """Nothing but the title."""


def collect(options: Options, at: datetime) -> Facts:  # noqa: ARG001 - every kind is asked in the same way
    """Ask whatever makes backups; as long as nothing does, none is known."""
    source = sources.backups()
    if source is None:
        return {"is_known": False}
    state = source(at)
    age = None if state.last_at is None else at - state.last_at
    is_overdue = bool(state.schedule) and (age is None or age > OVERDUE_AFTER)
    hours = None if age is None else max(0, int(age.total_seconds() // 3600))
    return {"is_known": True, **asdict(state), "age_hours": hours, "is_overdue": is_overdue}


def present(facts: Facts) -> dict[str, Any]:
    """Read the moment of the last backup."""
    return {**facts, "last_at": moment(facts.get("last_at"))}


KIND = BlockKind(
    code="backup_status",
    label=_("State of backups"),
    place=70,
    template="notifications/mail/digest/backup_status",
    options=BackupOptions,
    collect=collect,
    present=present,
    description=_("How many backups there are, and how old the newest one is."),
)
