"""Dump of the database in pg_dump's own format, and what it holds, both of one moment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psycopg

from medcover.backups import tables
from medcover.backups.databases import Database


@dataclass(frozen=True)
class Dumped:
    """What the dump holds."""

    rows: dict[str, int]
    migrations: list[str]
    server: str


def dump(database: Database, to: Path) -> Dumped:
    """Write the dump; rows are counted in the same snapshot, so both agree while people go on working."""
    with database.connect() as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        # This session only waits while pg_dump works, for as long as that takes.
        connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        row = connection.execute("SELECT pg_export_snapshot(), current_setting('server_version')").fetchone()
        snapshot, server = row or ("", "")
        found = Dumped(tables.counts(connection), tables.migrations(connection), server)
        database.run(
            "pg_dump", "--format=custom", f"--file={to}", f"--snapshot={snapshot}", "--no-owner", "--no-privileges",
            "--no-comments", *[f'--exclude-schema="{schema}"' for schema in tables.other_schemas(connection)],
            *[f"--exclude-table-data=public.{table}" for table in tables.EPHEMERAL],
        )  # fmt: skip
    return found
