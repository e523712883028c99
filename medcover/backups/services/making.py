"""What a run does: make an archive, rehearse one, restore one. Whoever calls holds the lock on backups."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medcover.backups import archive as archives
from medcover.backups import manifest, media, migrating, names, rehearsal, rules, store, swapping
from medcover.backups.archive import Archive
from medcover.backups.databases import drop_leftovers, live
from medcover.backups.dumping import dump
from medcover.backups.errors import BrokenArchive
from medcover.backups.models import BackupRun, BackupSettings
from medcover.backups.signals import data_restored
from medcover.system import audit, schema
from medcover.system.models import AuditEntry, SiteSettings
from notifications.models import OutboxMessage
from roster.models import User

#: Settings of the installation, which no restore touches: how it is reached, sends mails and makes backups.
SETTINGS = ["system_sitesettings", "notifications_notificationswitch", "backups_backupsettings"]
#: What has been run speaks of the storage as it is, and stays with it.
RUNS = "backups_backuprun"

_WORKSHOP = "medcover-backup-"

#: So many of what is lacking are named.
_NAMED = 5


# --- making ----------------------------------------------------------------------------------------------


def make(run: BackupRun, *, by: Any, prune: bool = True) -> None:
    """Make an archive and store it; then, with `prune`, old ones go."""
    made_at = timezone.now()
    key = settings.BACKUP_KEYS[0] if settings.BACKUP_KEYS else None
    name = names.name_at(made_at, sealed=key is not None)
    with workshop() as place:
        path = place / name
        contents = _write(path, key, made_at)
        store.put(name, path)
        size = path.stat().st_size
    run.archive, run.size = name, size
    _note(run, contents)
    gone = prune_old(run, at=made_at) if prune else []
    run.details = {**run.details, "pruned": gone}
    audit.record(run, kind=AuditEntry.Kind.CREATE, by=by, summary=_made_summary(name, gone))


def _write(path: Path, key: bytes | None, made_at: datetime) -> manifest.Manifest:
    dumped_to = path.with_name(manifest.DUMP)
    dumped = dump(live(), dumped_to)
    with archives.writing(path, key) as writer:
        writer.add(manifest.DUMP, dumped_to)
        dumped_to.unlink()
        for name, source in media.uploads():
            if manifest.is_upload(name):
                _add(writer, name, source)
        contents = manifest.Manifest(
            "MedCover", version(), made_at, dumped.server, dumped.migrations, dumped.rows, writer.members
        )
        writer.end(contents)
    return contents


def _add(writer: archives.Writer, name: str, source: Path) -> None:
    """Add an upload; one that somebody has just deleted is none any more."""
    try:
        writer.add(name, source)
    except FileNotFoundError:
        return


def _made_summary(name: str, gone: list[str]) -> object:
    if gone:
        return audit.sentence(
            _("Backup made: %(name)s. Deleted as old: %(gone)s"), {"name": name, "gone": ", ".join(gone)}
        )
    return audit.sentence(_("Backup made: %s"), name)


def prune_old(run: BackupRun, *, at: datetime) -> list[str]:
    """Delete the archives that the settings do not keep, and return their names; the last good one stays."""
    kept = BackupSettings.load()
    gone = rules.to_prune(
        store.names(), keep_count=kept.keep_count, keep_days=kept.keep_days, at=at, good=_good() | {run.archive}
    )
    for name in gone:
        store.delete(name)
    return gone


def _good() -> set[str]:
    """Archives that were made whole, and that no rehearsal has found wanting."""
    made = set(BackupRun.objects.backups().done().values_list("archive", flat=True))
    rehearsals = BackupRun.objects.verifications().order_by("pk").values_list("archive", "status")
    latest = dict(rehearsals)
    return {name for name in made if latest.get(name) != BackupRun.Status.FAILED}


# --- rehearsing ------------------------------------------------------------------------------------------


def verify(run: BackupRun, *, by: Any) -> None:  # noqa: ARG001 - every run is called in the same way
    """Restore an archive into a database of its own, compare, and throw it away."""
    with opened(run.archive) as (archive, place):
        archive.check()
        with rehearsal.rehearsed(archive, place):
            _note(run, archive.manifest)


# --- restoring -------------------------------------------------------------------------------------------


def restore(run: BackupRun, *, by: Any, take_settings: bool = False, safely: bool = True) -> None:
    """Put an archive's data in the place of the present ones.

    With `safely`, an archive of the present ones is made first. An installation that is empty takes the settings of the
    archive as well, every other one with `take_settings`.
    """
    is_empty = not (SiteSettings.load().setup_complete or User.objects.exists())
    with opened(run.archive) as (archive, place):
        archive.check()
        rehearsal.expect_not_newer(archive)
        if safely and not is_empty:
            _save_present(run, by)
        swapping.drop_staged()
        try:
            with rehearsal.rehearsed(archive, place) as database:
                if rehearsal.known_migrations() - set(archive.manifest.migrations):
                    migrating.migrate(database.name)
                swapping.stage(database, place)
            with media.staged(archive) as uploads:
                _note(run, archive.manifest)
                kept = [RUNS, *([] if is_empty or take_settings else SETTINGS)]
                _swap(run, kept, uploads, by)
        finally:
            swapping.drop_staged()
    swapping.renew_connections()


def _save_present(run: BackupRun, by: Any) -> None:
    saved = BackupRun.objects.create(kind=BackupRun.Kind.BACKUP, origin=run.origin, asked_at=timezone.now())
    saved.begin(timezone.now())
    make(saved, by=by, prune=False)
    finish(saved)
    run.details = {**run.details, "saved_as": saved.archive}


def _swap(run: BackupRun, kept: list[str], uploads: Path, by: Any) -> None:
    """Tables, then uploads, then the commit; when that fails as well, the uploads come back."""
    with ExitStack() as undo:

        def complete() -> None:
            _expect_fit()
            _quiet_old_mails()
            finish(run)
            known = by if by is not None and User.objects.filter(pk=by.pk).exists() else None
            summary = audit.sentence(_("Data restored from the backup %s"), run.archive)
            audit.record(run, kind=AuditEntry.Kind.IMPORT, by=known, summary=summary)
            data_restored.send(sender=None)
            undo.enter_context(media.swapped(uploads))

        swapping.swap(kept=kept, complete=complete)


def _expect_fit() -> None:
    """Refuse what this version could not serve from, as its processes would at their next start (`verify_schema`)."""
    if lacking := schema.missing_migrations() or schema.missing_columns():
        words = _("What was restored lacks something that this version needs: %s")
        raise BrokenArchive(audit.sentence(words, ", ".join(lacking[:_NAMED])))


def _quiet_old_mails() -> None:
    """What waited in the outbox then has been sent since, or is of no use any more."""
    waiting = OutboxMessage.objects.filter(status=OutboxMessage.Status.PENDING)
    waiting.update(status=OutboxMessage.Status.SKIPPED, last_error=str(_("Restored from a backup; not sent again.")))


# --- what they share -------------------------------------------------------------------------------------


@contextmanager
def opened(name: str) -> Iterator[tuple[Archive, Path]]:
    """Fetch and open an archive; give it and a directory to work in."""
    with workshop() as place:
        path = place / "archive"
        store.fetch(name, path)
        with archives.reading(path, settings.BACKUP_KEYS, place) as archive:
            yield archive, place


@contextmanager
def workshop() -> Iterator[Path]:
    """Make a directory for large files, which nobody else can read, and remove it in the end."""
    base = Path(settings.BACKUP_WORK_DIR)
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=_WORKSHOP, dir=base) as place:
        yield Path(place)


def clear_leftovers() -> None:
    """Remove what interrupted runs have left; only for whoever holds the lock on backups."""
    drop_leftovers()
    for place in Path(settings.BACKUP_WORK_DIR).glob(f"{_WORKSHOP}*"):
        shutil.rmtree(place, ignore_errors=True)


def finish(run: BackupRun) -> None:
    """Note that a run has succeeded."""
    run.status, run.finished_at, run.error = BackupRun.Status.DONE, timezone.now(), ""
    run.save()


def _note(run: BackupRun, contents: manifest.Manifest) -> None:
    run.rows, run.files = sum(contents.rows.values()), len(contents.files)
    run.details = {**run.details, "version": contents.version, "made": contents.created.isoformat()}


def version() -> str:
    """Return the version of the product."""
    return (Path(settings.BASE_DIR) / "VERSION").read_text().strip()
