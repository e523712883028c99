"""Services of stored archives: taking one home, deleting one, taking one in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from medcover.backups import archive as archives
from medcover.backups import names, store
from medcover.backups.models import BackupRun, BackupSettings
from medcover.backups.rehearsal import expect_not_newer
from medcover.backups.services.making import workshop
from medcover.backups.services.runs import DELETE_WORD, expect_typed
from medcover.common.errors import DomainError, NotAllowed
from medcover.system import audit
from medcover.system.models import AuditEntry

DOWNLOAD_RIGHT, DELETE_RIGHT, RESTORE_RIGHT = (
    "system.download_backup",
    "system.delete_backup",
    "system.restore_backup",
)


def note_download(name: str, *, by: Any) -> None:
    """Record that somebody takes an archive home, with everything in it; raises NotAllowed, and DomainError."""
    _expect(by, DOWNLOAD_RIGHT)
    _expect_there(name)
    summary = audit.sentence(_("Backup downloaded: %s"), name)
    audit.record(_about(name), kind=AuditEntry.Kind.EXPORT, by=by, summary=summary)


def delete(name: str, *, typed: str, by: Any) -> None:
    """Delete an archive; raises NotAllowed, and DomainError when the word is wrong or the archive is not there."""
    _expect(by, DELETE_RIGHT)
    expect_typed(typed, DELETE_WORD)
    _expect_there(name)
    store.delete(name)
    summary = audit.sentence(_("Backup deleted: %s"), name)
    audit.record(_about(name), kind=AuditEntry.Kind.DELETE, by=by, summary=summary)


def take_in(path: Path, *, by: Any) -> str:
    """Check an archive from outside and store it under the name of its moment, which is returned.

    One that is there already stays as it is. Raises NotAllowed, and DomainError when it is no whole archive of ours.
    """
    _expect(by, RESTORE_RIGHT)
    return take_in_checked(path, by=by)


def take_in_checked(path: Path, *, by: Any = None) -> str:
    """Do the same for whoever runs commands on the server."""
    with workshop() as place, archives.reading(path, settings.BACKUP_KEYS, place) as archive:
        archive.check()
        expect_not_newer(archive)
        name = names.name_at(archive.manifest.created, sealed=archives.is_sealed(path))
    if not store.exists(name):
        store.put(name, path)
        summary = audit.sentence(_("Backup taken in from a file: %s"), name)
        audit.record(_about(name), kind=AuditEntry.Kind.IMPORT, by=by, summary=summary)
    return name


def _expect(by: Any, right: str) -> None:
    if not by.has_perm(right):
        raise NotAllowed


def _expect_there(name: str) -> None:
    if not store.exists(name):
        raise DomainError(_("The archive is not there any more."))


def _about(name: str) -> Model:
    """What an entry is about: the run that has made the archive, or backups as such for one from elsewhere."""
    return BackupRun.objects.backups().filter(archive=name).first() or BackupSettings.load()
