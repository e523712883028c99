"""Lock on backups: one backup, rehearsal or restore at a time in the whole installation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.utils.translation import gettext_lazy as _

from medcover.backups.databases import live
from medcover.backups.errors import BackupFailed

_KEY = "hashtextextended('medcover.backups', 0)"

#: Seconds for which an automatic backup waits for one that somebody has begun by hand: its day is used up otherwise.
_PATIENCE_SECONDS = 600


@contextmanager
def alone(*, patiently: bool = False) -> Iterator[None]:
    """Hold the lock; raises BackupFailed when somebody else does, `patiently` after some minutes.

    It belongs to a connection of its own, so it ends with the process however that ends.
    """
    with live().connect(autocommit=True) as holder:
        if not (_wait(holder) if patiently else _try(holder)):
            raise BackupFailed(_("Another backup, rehearsal or restore is running."))
        yield


def _try(holder: psycopg.Connection[Any]) -> bool:
    row = holder.execute(f"SELECT pg_try_advisory_lock({_KEY})".encode()).fetchone()
    return bool(row and row[0])


def _wait(holder: psycopg.Connection[Any]) -> bool:
    holder.execute(f"SET lock_timeout = '{_PATIENCE_SECONDS}s'".encode())
    try:
        holder.execute(f"SELECT pg_advisory_lock({_KEY})".encode())
    except psycopg.errors.LockNotAvailable:
        return False
    return True


def is_free() -> bool:
    """Say whether nobody holds the lock at this moment."""
    try:
        with alone():
            return True
    except BackupFailed:
        return False
