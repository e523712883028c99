"""Rehearsal: an archive restored into a database of its own, and compared with what its manifest says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext_lazy as _

from medcover.backups import manifest, tables
from medcover.backups.archive import Archive
from medcover.backups.databases import Database, live, scratch
from medcover.backups.errors import BrokenArchive
from medcover.backups.rules import differences, unknown_migrations
from medcover.system import audit


@contextmanager
def rehearsed(archive: Archive, workshop: Path) -> Iterator[Database]:
    """Restore the archive into a database that is dropped in the end; raises BrokenArchive where they differ."""
    expect_not_newer(archive)
    path = workshop / manifest.DUMP
    archive.extract(manifest.DUMP, path)
    with scratch() as database:
        database.run(
            "pg_restore", f"--dbname={database.name}", "--no-owner", "--no-privileges", "--exit-on-error", str(path)
        )
        path.unlink()
        _compare(archive, database)
        yield database


def expect_not_newer(archive: Archive) -> None:
    """Refuse what a newer version has made: this one does not know its columns."""
    unknown = unknown_migrations(archive.manifest.migrations, known_migrations())
    if unknown:
        words = _("The archive was made by a newer version of MedCover (%s); update this installation first.")
        raise BrokenArchive(audit.sentence(words, archive.manifest.version))


def known_migrations() -> set[str]:
    """Return the migrations that this version brings along, and those that apps of former days have left here."""
    loaded = MigrationLoader(None, load=False)
    loaded.load_disk()
    with live().connect() as connection:
        applied = tables.migrations(connection)
    return {*applied, *(f"{app}.{name}" for app, name in loaded.disk_migrations)}


def _compare(archive: Archive, database: Database) -> None:
    with database.connect() as connection:
        found, applied = tables.counts(connection), tables.migrations(connection)
    if different := differences(archive.manifest.rows, found):
        words = _("What was restored has other numbers of rows than the archive says, in: %s")
        raise BrokenArchive(audit.sentence(words, ", ".join(different[:10])))
    if sorted(applied) != sorted(archive.manifest.migrations):
        raise BrokenArchive(_("What was restored has other migrations than the archive says."))
