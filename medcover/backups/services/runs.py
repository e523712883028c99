"""Asking for runs and carrying them out: by the worker, by the schedule, or by a command."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from medcover.backups import notices, rules, store
from medcover.backups.errors import BackupFailed, of_system
from medcover.backups.locking import alone, is_free
from medcover.backups.models import BackupRun, BackupSettings
from medcover.backups.services import making
from medcover.common.db import one_at_a_time
from medcover.common.errors import DomainError, NotAllowed
from medcover.system import audit
from medcover.system.models import AuditEntry, SiteSettings

Kind, Origin, Status = BackupRun.Kind, BackupRun.Origin, BackupRun.Status

logger = logging.getLogger(__name__)

#: What somebody has to be allowed to for each kind of run.
RIGHTS = {
    Kind.BACKUP: "system.run_backup",
    Kind.VERIFICATION: "system.run_backup",
    Kind.RESTORE: "system.restore_backup",
}

#: What has to be typed before a restore, and before an archive is deleted; the same in every language.
RESTORE_WORD, DELETE_WORD = "RESTORE", "SMAZAT"

#: After so long, a run that no worker has taken does not stand in the way any more.
_PATIENCE = timedelta(minutes=15)

#: The worker's task.
TASK = "medcover.backups.jobs.perform"


# --- asking ----------------------------------------------------------------------------------------------


@transaction.atomic
def ask(kind: str, *, by: Any, at: datetime, archive: str = "", typed: str = "") -> BackupRun:
    """Have the worker make, rehearse or restore a backup, and return the run that tells how far it is.

    Raises NotAllowed, and DomainError when the archive is not there, something runs already, or what was typed before
    a restore is not the word.
    """
    if not by.has_perm(RIGHTS[Kind(kind)]):
        raise NotAllowed
    if kind == Kind.RESTORE:
        expect_typed(typed, RESTORE_WORD)
    if kind != Kind.BACKUP and not store.exists(archive):
        raise DomainError(_("The archive is not there any more."))
    one_at_a_time("backups.ask")
    _expect_nothing_running(at)
    run = BackupRun.objects.create(kind=kind, origin=Origin.PAGE, archive=archive, asked_at=at)
    _hand_over(run, by)
    return run


def expect_typed(typed: str, word: str) -> None:
    """Refuse unless the word was typed exactly."""
    if typed != word:
        raise DomainError(audit.sentence(_("To confirm, type %s exactly as it stands here."), word))


def _expect_nothing_running(at: datetime) -> None:
    close_abandoned(at=at)
    if BackupRun.objects.unfinished().exists():
        raise DomainError(_("Another backup, rehearsal or restore is waiting or running. Try again when it has ended."))


def close_abandoned(*, at: datetime) -> None:
    """Close runs that nobody carries out any more: their process has died, or no worker came to take them."""
    for run in BackupRun.objects.unfinished():
        if run.status == Status.RUNNING and is_free():
            _close(run, _("It was interrupted."), at)
        elif run.status == Status.WAITING and run.asked_at < at - _PATIENCE:
            _close(run, _("No worker came to do it. Does it run?"), at)


def _close(run: BackupRun, reason: object, at: datetime) -> None:
    run.status, run.error, run.finished_at = Status.FAILED, _words(reason), at
    run.save(update_fields=["status", "error", "finished_at"])


def _hand_over(run: BackupRun, by: Any) -> None:
    """Give the run to the worker; its queue may deliver it twice, so whoever begins it looks whether it still waits."""
    from django_q.tasks import async_task

    key = None if by is None else str(by.pk)
    options = {"timeout": settings.BACKUP_SECONDS}
    transaction.on_commit(lambda: async_task(TASK, run.pk, key, q_options=options))


@transaction.atomic
def ask_if_due(*, at: datetime) -> BackupRun | None:
    """Have the worker make today's scheduled backup if its time has come; None when it has not, or was asked for.

    The day is used up by asking, whatever becomes of it. Of two workers, one gets the row.
    """
    schedule = BackupSettings.load()
    zone = ZoneInfo(SiteSettings.load().time_zone)
    day = rules.due_day(begins=schedule.begins, at=at, zone=zone) if schedule.scheduled else None
    if day is None or BackupRun.objects.filter(local_day=day).exists():
        return None
    try:
        with transaction.atomic():
            run = BackupRun.objects.create(kind=Kind.BACKUP, origin=Origin.SCHEDULE, local_day=day, asked_at=at)
    except IntegrityError:
        return None
    _hand_over(run, None)
    return run


# --- carrying out ----------------------------------------------------------------------------------------


def carry_out(run: BackupRun, *, by: Any = None, **options: Any) -> bool:
    """Do what the run is for; False when somebody else has begun it. Failures are noted, recorded and told to admins.

    Raises DomainError with the reason of a failure. After an automatic backup comes its rehearsal.
    """
    if not run.begin(timezone.now()):
        return False
    _do(run, by, options)
    if run.origin == Origin.SCHEDULE and run.kind == Kind.BACKUP and BackupSettings.load().verified:
        rehearse(run.archive, origin=Origin.SCHEDULE)
    return True


def rehearse(archive: str, *, origin: str) -> BackupRun:
    """Rehearse an archive at once; raises DomainError when it does not prove good."""
    run = BackupRun.objects.create(kind=Kind.VERIFICATION, origin=origin, archive=archive)
    carry_out(run)
    return run


def at_once(kind: str, *, archive: str = "", **options: Any) -> BackupRun:
    """Make, rehearse or restore a backup without the worker, as commands do; raises DomainError when it fails."""
    run = BackupRun.objects.create(kind=kind, origin=Origin.COMMAND, archive=archive)
    carry_out(run, **options)
    return run


def _do(run: BackupRun, by: Any, options: dict[str, Any]) -> None:
    work = {Kind.BACKUP: making.make, Kind.VERIFICATION: making.verify, Kind.RESTORE: making.restore}[Kind(run.kind)]
    try:
        with alone(patiently=run.origin == Origin.SCHEDULE):
            making.clear_leftovers()
            work(run, by=by, **options)
            if not run.is_finished:
                making.finish(run)
    except BaseException as failure:
        reason = _reason(failure)
        _fail(run, reason, by)
        if isinstance(failure, Exception) and not isinstance(failure, DomainError):
            logger.warning("A %s has failed: %s", run.kind, type(failure).__name__)
        if isinstance(failure, OSError | DatabaseError | psycopg.Error):
            raise BackupFailed(reason) from failure
        raise


def _reason(failure: BaseException) -> Any:
    """Return a sentence; what a database or a library says may quote rows, so only its kind is told."""
    if isinstance(failure, DomainError):
        return failure.message
    if isinstance(failure, psycopg.Error | DatabaseError):
        return audit.sentence(_("The database has refused: %s"), type(failure).__name__)
    if isinstance(failure, OSError):
        return of_system(failure).message
    return audit.sentence(_("An unexpected error: %s"), type(failure).__name__)


@transaction.atomic
def _fail(run: BackupRun, reason: object, by: Any) -> None:
    """Note a failure, record it, and tell the administrators."""
    words = _words(reason)
    run.status, run.error, run.finished_at = Status.FAILED, words, timezone.now()
    run.save()
    summary = audit.sentence(_FAILED[Kind(run.kind)], words)
    audit.record(run, kind=AuditEntry.Kind.ERROR, by=by, summary=summary)
    notices.tell_of_failure(run)


_FAILED = {
    Kind.BACKUP: _("Backup failed: %s"),
    Kind.VERIFICATION: _("Rehearsal of a backup failed: %s"),
    Kind.RESTORE: _("Restoring from a backup failed: %s"),
}


def _words(reason: object) -> str:
    with translation.override(settings.LANGUAGE_CODE):
        return str(reason)[:1000]
