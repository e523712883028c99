"""manage.py slack_manifest: what has to be pasted when the app is made in Slack."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from medcover.system.addresses import site_address
from medcover.system.models import SiteSettings
from notifications.slack.manifest import manifest

_NO_HTTPS = "Slack sends to https:// only: set the public address in the settings or BASE_URL, or take --socket-mode."


class Command(BaseCommand):
    """Prints and stores nothing."""

    help = "Prints the manifest of the Slack app as JSON, with the names of commands and the address of the settings."

    def add_arguments(self, parser: CommandParser) -> None:
        """Ask by which way requests are to come."""
        parser.add_argument("--socket-mode", action="store_true", help="for an installation that Slack cannot reach")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print it."""
        socket_mode = options["socket_mode"]
        try:
            site = SiteSettings.load()
        except DatabaseError as failure:
            raise CommandError("The public address stands in the database: run migrate_safely first.") from failure
        if not socket_mode and not site_address(site).startswith("https://"):
            self.stderr.write(self.style.WARNING(_NO_HTTPS))
        found = manifest(site, socket_mode=socket_mode)
        self.stdout.write(json.dumps(found, ensure_ascii=False, indent=2))
