"""Worker jobs of backups."""

from __future__ import annotations

from django.utils import timezone

from medcover.system import jobs


def register() -> None:
    """Have the worker look every minute whether the scheduled backup is due."""
    jobs.register(jobs.Job("backups.schedule", "medcover.backups.jobs.ask_if_due", minutes=1))


def ask_if_due() -> bool:
    """Ask for the scheduled backup if its time has come."""
    from medcover.backups.services import runs

    return runs.ask_if_due(at=timezone.now()) is not None


def perform(key: int, asked_by: str | None = None) -> str:
    """Task: carry out a run. Its failure is told by the run, by the record and by a mail, not by the queue."""
    from medcover.backups.models import BackupRun
    from medcover.backups.services import runs
    from medcover.common.errors import DomainError
    from roster.models import User

    run = BackupRun.objects.filter(pk=key).first()
    if run is None:
        return "gone"
    by = User.objects.filter(pk=asked_by).first() if asked_by else None
    try:
        begun = runs.carry_out(run, by=by)
    except DomainError:
        return "failed"
    return "done" if begun else "begun elsewhere"
