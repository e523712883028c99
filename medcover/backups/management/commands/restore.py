"""manage.py restore NAME|FILE [--confirm RESTORE] [--take-settings] [--no-backup-first]"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from medcover.backups.models import BackupRun
from medcover.backups.names import moment_of
from medcover.backups.services import runs, stored
from medcover.common.errors import DomainError


class Command(BaseCommand):
    """Put the data of a backup in the place of the present ones."""

    help = (
        "Restores database and uploaded files from a stored archive (by its name) or from a file. Everything that is "
        "there now is replaced; settings of the site, of notifications and of backups stay, except in an empty "
        "installation. When anything fails, nothing has changed. Everybody has to log in anew."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what is to be restored, and how."""
        parser.add_argument("archive", help="name of a stored archive, or path of a file")
        parser.add_argument("--confirm", default="", metavar=runs.RESTORE_WORD, help="instead of being asked")
        parser.add_argument("--take-settings", action="store_true", help="restore the settings as well")
        parser.add_argument("--no-backup-first", action="store_true", help="make no backup of what is there now")

    def handle(
        self, *, archive: str, confirm: str, take_settings: bool, no_backup_first: bool, **_options: Any
    ) -> None:
        """Restore, or refuse with one sentence and change nothing."""
        word = confirm or input(f"Everything that is there now is replaced. Type {runs.RESTORE_WORD}: ")
        try:
            runs.expect_typed(word, runs.RESTORE_WORD)
            self._prepare()
            name = archive if moment_of(archive) else stored.take_in_checked(Path(archive))
            run = runs.at_once(
                BackupRun.Kind.RESTORE, archive=name, take_settings=take_settings, safely=not no_backup_first
            )
        except OSError as error:
            raise CommandError(str(error)) from error
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{name} restored: {run.rows} rows, {run.files} files")

    def _prepare(self) -> None:
        """Give a database that is quite empty its tables, so that the run can be noted."""
        if not connection.introspection.table_names():
            call_command("migrate", interactive=False, verbosity=0)
