"""Putting restored data in the place of the present ones: prepared beside them, then swapped in one transaction.

The rehearsal's tables are copied into a schema of their own inside the database of the installation; until then nobody
notices anything. The swap locks all tables, drops them, and moves the others to where they have been. It takes moments,
needs no right over the whole database, and leaves everything as it was when anything fails, append-only
tables included: their triggers speak of rows, and here tables go as a whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from django.core.management.sql import emit_post_migrate_signal
from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from medcover.backups import objects, tables
from medcover.backups.connections import forget
from medcover.backups.databases import APPLICATION, Database, live
from medcover.backups.errors import BackupFailed

STAGED, PRESENT = "medcover_restored", "public"

#: Seconds that the swap waits for others to end what they do in the tables.
_LOCK_SECONDS = 30
#: Seconds in which requests may end before their connections are.
_GRACE_SECONDS = 5.0


def stage(rehearsal: Database, workshop: Path) -> None:
    """Copy the tables of a rehearsal into the installation's database, beside its own."""
    with rehearsal.connect() as there:
        there.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(STAGED)))
        objects.move(there, PRESENT, STAGED)
    path = workshop / "staged.dump"
    rehearsal.run(
        "pg_dump", "--format=custom", "--compress=0", f"--file={path}", f"--schema={STAGED}", "--no-owner",
        "--no-privileges", "--no-comments",
    )  # fmt: skip
    drop_staged()
    here = live()
    here.run("pg_restore", f"--dbname={here.name}", "--no-owner", "--no-privileges", "--exit-on-error", str(path))
    path.unlink()
    with here.connect(autocommit=True) as server:
        for table in tables.names(server, STAGED):
            server.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(STAGED, table)))


def drop_staged() -> None:
    """Drop what has been staged; only for whoever holds the lock on backups."""
    with live().connect(autocommit=True) as server:
        server.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(STAGED)))


def swap(*, kept: list[str], complete: Callable[[], None]) -> None:
    """Put what was staged in place; rows of the tables `kept` are taken over from the present ones.

    `complete` is called inside the transaction, with the new tables in place. Raises BackupFailed when the tables are
    too busy.
    """
    try:
        with transaction.atomic():
            _swap(connection.connection, kept)
            forget()
            # What each app writes after migrations: rights, roles, schedules of jobs.
            emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
            complete()
    except DatabaseError as error:
        if isinstance(error.__cause__, psycopg.errors.LockNotAvailable | psycopg.errors.DeadlockDetected):
            raise _busy() from error
        raise
    except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected) as error:
        raise _busy() from error
    finally:
        forget()


def _busy() -> BackupFailed:
    return BackupFailed(_("The database is too busy: its tables could not be locked in time. Try again later."))


def _swap(here: psycopg.Connection[Any], kept: list[str]) -> None:
    path = here.execute("SELECT current_setting('search_path')").fetchone() or ("",)
    here.execute(f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'".encode())
    present = [sql.Identifier(PRESENT, name) for name in tables.names(here, PRESENT)]
    here.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.SQL(", ").join(present)))
    for table in kept:
        _take_over(here, table)
    objects.drop(here, PRESENT)
    objects.move(here, STAGED, PRESENT)
    here.execute(sql.SQL("DROP SCHEMA {}").format(sql.Identifier(STAGED)))
    here.execute("SELECT set_config('search_path', %s, true)", path)


def _take_over(here: psycopg.Connection[Any], table: str) -> None:
    """Replace the restored rows of a table by the present ones, and let its numbers go on behind them."""
    new, old = sql.Identifier(STAGED, table), sql.Identifier(PRESENT, table)
    common = [sql.Identifier(name) for name in _columns(here, STAGED, table) if name in _columns(here, PRESENT, table)]
    names = sql.SQL(", ").join(common)
    here.execute(sql.SQL("DELETE FROM {}").format(new))
    here.execute(sql.SQL("INSERT INTO {new} ({names}) SELECT {names} FROM {old}").format(new=new, old=old, names=names))
    if "id" not in _columns(here, STAGED, table):
        return
    sequence = here.execute("SELECT pg_get_serial_sequence(%s, 'id')", [f'"{STAGED}"."{table}"']).fetchone()
    if sequence and sequence[0]:
        highest = sql.SQL("SELECT setval(%s::text::regclass, greatest(1, (SELECT max(id) FROM {})))").format(new)
        here.execute(highest, [sequence[0]])


def _columns(here: psycopg.Connection[Any], schema: str, table: str) -> list[str]:
    asked = (
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = %s AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position"
    )
    return [name for (name,) in here.execute(asked, [schema, table]).fetchall()]


def renew_connections() -> None:
    """End the connections of all other processes, which know the old tables; each opens a new one with its next task.

    Idle ones go at once; who works may end that first, for a few seconds.
    """
    own = connection.connection.info.backend_pid if connection.connection else 0
    until = time.monotonic() + _GRACE_SECONDS
    with live().connect(autocommit=True) as server:
        waiting = [pid for (pid,) in server.execute(_OTHERS, [APPLICATION, own]).fetchall()]
        while waiting:
            is_over = time.monotonic() > until
            waiting = _end(server, waiting, all_of_them=is_over)
            time.sleep(0.05)
    connection.close()


_OTHERS = """
SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user
AND backend_type = 'client backend' AND application_name <> %s AND pid <> %s
"""


def _end(server: psycopg.Connection[Any], pids: list[int], *, all_of_them: bool) -> list[int]:
    """End those that are idle, or all; return which still work."""
    rows = server.execute("SELECT pid, state FROM pg_stat_activity WHERE pid = ANY(%s)", [pids]).fetchall()
    for pid, state in rows:
        if state == "idle" or all_of_them:
            server.execute("SELECT pg_terminate_backend(%s)", [pid])
    return [] if all_of_them else [pid for pid, state in rows if state != "idle"]
