"""Lock on backups: one backup, rehearsal or restore at a time in the whole installation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext_lazy as _

from medcover.backups.databases import live
from medcover.backups.errors import BackupFailed

_TRY = "SELECT pg_try_advisory_lock(hashtextextended('medcover.backups', 0))"


@contextmanager
def alone() -> Iterator[None]:
    """Hold the lock; raises BackupFailed when somebody else does.

    It belongs to a connection of its own, so it ends with the process however that ends.
    """
    with live().connect(autocommit=True) as holder:
        row = holder.execute(_TRY).fetchone()
        if not (row and row[0]):
            raise BackupFailed(_("Another backup, rehearsal or restore is running."))
        yield


def is_free() -> bool:
    """Say whether nobody holds the lock at this moment."""
    try:
        with alone():
            return True
    except BackupFailed:
        return False
