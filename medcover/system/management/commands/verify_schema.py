"""Command that says whether this version may serve from the database."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from medcover.common.errors import DomainError
from medcover.system import schema


class Command(BaseCommand):
    """`manage.py verify_schema`: ends with 1 and a sentence when migrations or tables are missing, or are newer."""

    help = "Says whether the database fits this version; changes nothing."
    requires_system_checks = ()

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Look."""
        try:
            schema.verify()
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write("The database fits this version.")
