"""Command that brings the database up to date, however many containers start at once."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from medcover.common.errors import DomainError
from medcover.system import schema


class Command(BaseCommand):
    """`manage.py migrate_safely`: one process migrates, the others wait; then the result is verified."""

    help = "Migrates under a lock, and verifies the schema afterwards."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How long to wait for somebody else."""
        parser.add_argument("--wait", type=int, default=600, help="Seconds to wait for another process (600).")

    def handle(self, *_args: Any, wait: int, **_options: Any) -> None:
        """Migrate unless nothing is to be done; never with code older than the database."""
        try:
            with schema.alone(wait_seconds=wait, tell=self.stdout.write):
                self._migrate()
            schema.verify()
        except DomainError as error:
            raise CommandError(str(error)) from error

    def _migrate(self) -> None:
        schema.refuse_newer()
        missing = schema.missing_migrations()
        if missing:
            call_command("migrate", interactive=False, verbosity=0)
        self.stdout.write(f"Migrations run: {len(missing)}.")
