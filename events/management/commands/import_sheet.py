"""manage.py import_sheet FILE.xlsx"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from events.management.season_text import lines_of
from events.models import MasterEvent
from events.season import Season, SeasonReport, import_season, read_season
from medcover.common.errors import DomainError
from medcover.common.progress import ProgressBar
from roster.models import User


class Command(BaseCommand):
    """Bring a season from the planning sheet into the database and say row by row what became of it."""

    help = "Imports the events and people of a season's planning sheet. Running it again creates nothing twice."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the file and how it is read."""
        parser.add_argument("file", type=Path, help="the workbook (XLSX) with the sheets Dozory and Lidi")
        parser.add_argument("--dry-run", action="store_true", help="report everything, write nothing")
        parser.add_argument(
            "--master", metavar="NAME", help="the master event of the events; the default one if not given"
        )
        parser.add_argument(
            "--cut-off", type=date.fromisoformat, metavar="YYYY-MM-DD", help="leave out events before this day"
        )
        parser.add_argument("--by", metavar="EMAIL", help="the account that imports; without it the system itself")

    def handle(self, *, file: Path, dry_run: bool, **options: Any) -> None:
        """Import, or refuse with one sentence and change nothing."""
        try:
            report = self._import(file, dry_run=dry_run, **options)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(self.style.MIGRATE_HEADING(_("Import of the season from %(file)s") % {"file": file.name}))
        for line in lines_of(report):
            self.stdout.write(line)
        if dry_run:
            self.stdout.write("")
            self.stdout.write(self.style.WARNING(_("This was a trial run: nothing was written into the database.")))

    def _import(
        self, file: Path, *, dry_run: bool, master: str | None, cut_off: date | None, by: str | None, **_options: Any
    ) -> SeasonReport:
        return import_season(
            _season(file, cut_off),
            by=_account(by),
            at=timezone.now(),
            master=_master(master),
            dry_run=dry_run,
            progress=ProgressBar(sys.stderr),
        )


def _season(file: Path, cut_off: date | None) -> Season:
    if not file.is_file():
        raise DomainError(_("There is no file %(file)s.") % {"file": file})
    return read_season(file, cut_off=cut_off)


def _account(email: str | None) -> User | None:
    if email is None:
        return None
    account: User | None = User.objects.filter(email=User.objects.normalize_email(email)).first()
    if account is None:
        raise DomainError(_("There is no account with the address %(email)s.") % {"email": email})
    return account


def _master(name: str | None) -> MasterEvent | None:
    if name is None:
        return None
    master: MasterEvent | None = MasterEvent.objects.filter(name__iexact=name.strip()).first()
    if master is None:
        raise DomainError(_("There is no master event “%(name)s”.") % {"name": name})
    return master
