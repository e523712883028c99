"""The databases that are measured: filled once, kept as templates, copied for each run.

They lie on a server of their own under `var/bench`. The name of a template holds a fingerprint of everything that
decides what is in it, the day among it: the load data are made around the moment of their making.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from medcover.embedded_postgres import SUPERUSER, EmbeddedPostgres

ROOT = Path(__file__).resolve().parents[2]
_FILLING = (
    "*/migrations/*.py", "medcover/system/migrations/*.py", "events/load/*.py", "events/demo/organisation.py",
    "equipment/load.py",
)  # fmt: skip


@dataclass(frozen=True)
class Size:
    """How much is measured on."""

    name: str
    users: int
    events: int


SMALL, LARGE = Size("small", 300, 500), Size("large", 2_000, 10_000)


def fingerprint(root: Path, day: str) -> str:
    """Return what changes when a filled database would come out otherwise."""
    digest = hashlib.sha256(day.encode())
    for path in _sources(root):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _sources(root: Path) -> Iterator[Path]:
    found = {path for pattern in _FILLING for path in root.glob(pattern)}
    yield from sorted(path for path in found if ".venv" not in path.parts)


class Databases:
    """The databases of one server."""

    def __init__(self, server: EmbeddedPostgres) -> None:
        self._server = server
        self._print = fingerprint(ROOT, f"{datetime.now(UTC):%Y-%m-%d}")

    def use(self, size: Size) -> str:
        """Make this process use a fresh copy of the database of this size, and return the copy's name."""
        template = f"load_{size.name}_{self._print}"
        if template not in self._names():
            self._drop_like(f"load_{size.name}_")
            self._fill(template, size)
        copy = f"run_{size.name}"
        self._drop_like(copy)
        self._execute("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", copy, template)
        _connect_to(copy)
        return copy

    def empty(self, name: str) -> str:
        """Make this process use a database of this name in which there is nothing, not even tables; return the name."""
        self._drop_like(name)
        self._execute("CREATE DATABASE {}", name)
        _connect_to(name)
        return name

    def _fill(self, template: str, size: Size) -> None:
        draft = f"draft_{size.name}"
        self._drop_like(draft)
        self._execute("CREATE DATABASE {}", draft)
        _connect_to(draft)
        call_command("migrate", verbosity=0, interactive=False)
        call_command("seed_load", users=size.users, events=size.events, stdout=io.StringIO())
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        connection.close()
        self._execute("ALTER DATABASE {} RENAME TO {}", draft, template)

    def _names(self) -> set[str]:
        with self._admin() as admin:
            return {name for (name,) in admin.execute("SELECT datname FROM pg_database").fetchall()}

    def _drop_like(self, beginning: str) -> None:
        for name in self._names():
            if name.startswith(beginning):
                self._execute("DROP DATABASE {} WITH (FORCE)", name)

    def _execute(self, statement: str, *names: str) -> None:
        with self._admin() as admin:
            admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _admin(self) -> psycopg.Connection[Any]:
        return psycopg.connect(host=str(self._server.socket_dir), user=SUPERUSER, dbname="postgres", autocommit=True)


def _connect_to(name: str) -> None:
    """Let Django's connection of this process lead to another database."""
    # Not at the top: the bare transaction imports this module without Django being set up.
    from django.contrib.contenttypes.models import ContentType

    # Kinds of rows have other keys in another database.
    ContentType.objects.clear_cache()
    connection.close()
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = name
