"""manage.py backup [--verify [NAME]] [--list] [--add FILE]"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from medcover.backups import store
from medcover.backups.models import BackupRun
from medcover.backups.services import runs, stored
from medcover.common.errors import DomainError

_NEWEST = "newest"


class Command(BaseCommand):
    """Make a backup, or look after those that are there."""

    help = (
        "Makes a backup of the database and the uploaded files and stores it. With --verify, restores the new one (or "
        "the one that is named) into a database of its own, compares and throws it away."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what is to be done."""
        parser.add_argument(
            "--verify", nargs="?", const=_NEWEST, metavar="NAME", help="rehearse; without a name, make one first"
        )
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--list", action="store_true", help="list the stored archives, newest first")
        what.add_argument("--add", metavar="FILE", type=Path, help="check an archive and put it into the storage")

    def handle(self, *, verify: str | None, list: bool, add: Path | None, **_options: Any) -> None:  # noqa: A002
        """Do it, or refuse with one sentence."""
        try:
            if list:
                self._list()
            elif add:
                self.stdout.write(stored.take_in_checked(add))
            else:
                self._make_and_verify(verify)
        except OSError as error:
            raise CommandError(str(error)) from error
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal

    def _list(self) -> None:
        for entry in store.entries():
            self.stdout.write(f"{entry.name}\t{entry.size}")

    def _make_and_verify(self, verify: str | None) -> None:
        name = verify or ""
        if verify in (None, _NEWEST):
            run = runs.at_once(BackupRun.Kind.BACKUP)
            name = run.archive
            self.stdout.write(f"{name}\t{run.size} B, {run.rows} rows, {run.files} files")
        if verify is not None:
            run = runs.at_once(BackupRun.Kind.VERIFICATION, archive=name)
            self.stdout.write(f"{name} proved good: {run.rows} rows, {run.files} files")
