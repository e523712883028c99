"""Backups of the demo organisation: on every night, one of which found no room; the worker goes on from there."""

from __future__ import annotations

import errno
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone, translation

from medcover.backups.models import BackupRun, BackupSettings
from medcover.backups.names import name_at
from medcover.system import audit, uploads

Kind, Origin, Status = BackupRun.Kind, BackupRun.Origin, BackupRun.Status

#: How many are kept: a machine on which somebody tries things out needs no more.
_KEPT = 5
#: How many nights ago, and whether there was room. Archives of that time are not in the storage any more.
_NIGHTS = ((5, True), (4, True), (3, False), (2, True), (1, True))


def build(*, at: datetime) -> int:
    """Switch daily backups on and make the nights before, once; return how many runs that was."""
    if BackupRun.objects.exists():
        return 0
    _schedule()
    runs = [run for nights, had_room in _NIGHTS for run in _night(at - timedelta(days=nights), had_room=had_room)]
    return len(BackupRun.objects.bulk_create(runs))


def _schedule() -> None:
    row = BackupSettings.load()
    row.scheduled, row.keep_count, row.keep_days = True, _KEPT, _KEPT
    with audit.trail():
        row.save()


def _night(day: datetime, *, had_room: bool) -> list[BackupRun]:
    begins = BackupSettings.load().begins
    start = timezone.localtime(day).replace(hour=begins.hour, minute=begins.minute, second=0, microsecond=0)
    backup = BackupRun(
        kind=Kind.BACKUP, local_day=start.date(), **_ran(start, seconds=4), archive=name_at(start, sealed=False),
        size=2_100_000, rows=2_150, files=0,
    )  # fmt: skip
    if had_room:
        rehearsal_at = start + timedelta(seconds=4)
        rehearsal = BackupRun(kind=Kind.VERIFICATION, archive=backup.archive, **_ran(rehearsal_at, seconds=6))
        rehearsal.rows, rehearsal.files = backup.rows, backup.files
        return [backup, rehearsal]
    backup.status, backup.archive, backup.size, backup.rows, backup.files = Status.FAILED, "", None, None, None
    with translation.override(settings.LANGUAGE_CODE):
        backup.error = str(uploads.reason(OSError(errno.ENOSPC, "")))
    return [backup]


def _ran(start: datetime, *, seconds: int) -> dict[str, object]:
    end = start + timedelta(seconds=seconds)
    return {
        "origin": Origin.SCHEDULE, "status": Status.DONE, "asked_at": start, "started_at": start, "finished_at": end,
    }  # fmt: skip
