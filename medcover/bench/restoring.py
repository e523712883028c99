"""The whole way back on as much as there may be: a backup, everything gone, a restore, and the same rows and files.

`script/rehearse-restore` plays what an operator does on a new machine, by the commands that an operator has. What is
compared here is every row of every table, not only how many there are, which is all that the program itself can know.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from medcover.bench.database import Databases

#: Restoring adds to the record and says in the outbox that old mails are not sent again.
_RECORD, _OUTBOX = "system_auditentry", "notifications_outboxmessage"
_DATA = ("demo", "load")
_DOCUMENTS, _PHOTOS = 500, 10
_DOCUMENT_BYTES = 40_000

Found = TypeVar("Found")


class Differs(Exception):
    """What came back is not what there was; the message names it."""


# --- what there is ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Contents:
    """Rows and their checksum by table, and the checksum of each uploaded file by its name."""

    tables: dict[str, tuple[int, str]]
    files: dict[str, str]
    #: The newest entry of the record; what is behind it was not there yet.
    last_entry: int

    @property
    def rows(self) -> int:
        """All rows together."""
        return sum(count for count, _checksum in self.tables.values())

    def expect_same(self, found: Contents) -> None:
        """Raise Differs unless the other has the same rows and files, one by one."""
        tables = _different(self.tables, found.tables)
        files = _different(self.files, found.files)
        if tables or files:
            raise Differs(f"Tables that differ: {tables[:10]}; files that differ: {files[:10]}")


def _different(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def contents(connection: psycopg.Connection[Any], uploads: Path, *, until: int | None = None) -> Contents:
    """Read everything; of the record only what is not newer than the entry `until`."""
    last = until if until is not None else _last_entry(connection)
    tables = {name: _table(connection, name, last) for name in _compared(connection)}
    files = {str(path.relative_to(uploads)): _sha256(path) for path in sorted(uploads.rglob("*")) if path.is_file()}
    return Contents(tables, files, last)


def _compared(connection: psycopg.Connection[Any]) -> list[str]:
    """Runs of backups stay with the storage that they speak of; sessions and tasks are passing things."""
    from medcover.backups import tables
    from medcover.backups.services.making import RUNS

    return [name for name in tables.names(connection) if name not in (*tables.EPHEMERAL, RUNS)]


def _last_entry(connection: psycopg.Connection[Any]) -> int:
    asked = sql.SQL("SELECT coalesce(max(id), 0) FROM {}").format(sql.Identifier(_RECORD))
    row = connection.execute(asked).fetchone()
    return int(row[0]) if row else 0


def _table(connection: psycopg.Connection[Any], name: str, last_entry: int) -> tuple[int, str]:
    """Return the number of rows and a checksum over them, in whichever order they lie."""
    text = sql.SQL("(to_jsonb(t) - 'status' - 'last_error')::text" if name == _OUTBOX else "t::text")
    which = sql.SQL("WHERE id <= {}" if name == _RECORD else "").format(last_entry)
    asked = sql.SQL("SELECT count(*), coalesce(sum(hashtextextended({}, 0)::numeric), 0)::text FROM {} t {}")
    row = connection.execute(asked.format(text, sql.Identifier(name), which)).fetchone()
    return (row[0], row[1]) if row else (0, "")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- the story -------------------------------------------------------------------------------------------


def main() -> None:
    """Play the story for each kind of data that was asked for."""
    from medcover.bench.__main__ import database_server, set_up_django

    wanted = _arguments()
    with database_server() as server:
        set_up_django(server)
        from medcover.bench.database import Databases

        databases = Databases(server)
        for kind in _DATA:
            if wanted.only in (None, kind):
                _play(kind, databases)


def _arguments() -> argparse.Namespace:
    words = "Backs up, loses and restores an installation, and compares every row and file."
    parser = argparse.ArgumentParser(prog="script/rehearse-restore", description=words)
    parser.add_argument("--only", choices=_DATA, help="the demo data, or those for measuring (10,000 events)")
    return parser.parse_args()


def _play(kind: str, databases: Databases) -> None:
    _say(f"── {kind}")
    with _home() as home:
        database = _timed("data", lambda: _fill(kind, databases, home))
        before = _timed("reading everything", lambda: _contents(database, home))
        _say(f"   {before.rows} rows of {len(before.tables)} tables, {len(before.files)} files")
        name = _timed("backup", lambda: _manage(database, home, "backup")).split("\t")[0]
        size = (home / "backups" / name).stat().st_size
        _timed(f"rehearsal of {size // 1_000_000} MB", lambda: _manage(database, home, "backup", "--verify", name))
        archive = _lose_everything(databases, database, home, name)
        _timed("restore", lambda: _manage(database, home, "restore", str(archive), "--confirm", "RESTORE"))
        _manage(database, home, "verify_schema")
        after = _timed("reading everything", lambda: _contents(database, home, until=before.last_entry))
        before.expect_same(after)
    _say("   every row and every file is what it was")


@contextmanager
def _home() -> Iterator[Path]:
    """A directory that stands for the disk of the installation."""
    from medcover.bench.__main__ import HOME

    home = HOME / "restoring"
    shutil.rmtree(home, ignore_errors=True)
    (home / "media").mkdir(parents=True)
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _fill(kind: str, databases: Databases, home: Path) -> str:
    from django.test import override_settings

    from medcover.bench.database import LARGE

    with override_settings(MEDIA_ROOT=str(home / "media"), DEVELOPMENT_LOGIN=True):
        name = databases.use(LARGE) if kind == "load" else _demo(databases)
        upload(documents=_DOCUMENTS, photos=_PHOTOS)
    return name


def _demo(databases: Databases) -> str:
    from django.core.management import call_command

    name = databases.empty("run_demo")
    call_command("migrate", verbosity=0, interactive=False)
    call_command("seed_demo", stdout=io.StringIO())
    return name


def upload(*, documents: int, photos: int) -> None:
    """Give so many items a document, and so many a photo, as people do."""
    from equipment.models import Attachment, EquipmentItem
    from equipment.services import files
    from roster.models import User
    from roster.rights import Role

    admin = User.objects.active().with_role(Role.ADMIN).order_by("email")[0]
    items = list(EquipmentItem.objects.filter(is_archived=False).order_by("name").values_list("pk", flat=True))
    for number, item in enumerate(items[:documents]):
        document = b"%PDF-1.7\n" + os.urandom(_DOCUMENT_BYTES) + b"\n%%EOF\n"
        files.add_document(
            item, document, name=f"Návod {number}.pdf", category=Attachment.Category.OWNERS_MANUAL, by=admin
        )
    for number, item in enumerate(items[:photos]):
        files.add_photo(item, _picture(number), name=f"{number}.png", by=admin)


def _picture(number: int) -> bytes:
    from PIL import Image

    target = io.BytesIO()
    Image.effect_noise((800, 600), 10 + number).save(target, "PNG")
    return target.getvalue()


def _lose_everything(databases: Databases, database: str, home: Path, name: str) -> Path:
    """Only the archive is left, as on a disk that somebody has at home."""
    archive = home / "at home.zip"
    (home / "backups" / name).rename(archive)
    for place in ("media", "backups"):
        shutil.rmtree(home / place)
    databases.empty(database)
    return archive


def _contents(database: str, home: Path, *, until: int | None = None) -> Contents:
    with psycopg.connect(host=os.environ["BENCH_SOCKET"], user="postgres", dbname=database) as connection:
        return contents(connection, home / "media", until=until)


def _manage(database: str, home: Path, *command: str) -> str:
    """Run one of the operator's commands."""
    from medcover.bench.database import ROOT

    address = f"postgres://postgres@localhost/{database}"
    done = subprocess.run(
        [sys.executable, "manage.py", *command], cwd=ROOT, check=False, capture_output=True, text=True,
        env={**os.environ, "DATABASE_URL": address, "VAR_DIR": str(home)},
    )  # fmt: skip
    if done.returncode != 0:
        raise SystemExit(f"manage.py {' '.join(command)} has failed:\n{done.stderr[-2000:]}")
    return done.stdout


def _timed(what: str, act: Callable[[], Found]) -> Found:
    begun = time.perf_counter()
    found = act()
    _say(f"   {what}: {time.perf_counter() - begun:.1f} s")
    return found


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    main()
