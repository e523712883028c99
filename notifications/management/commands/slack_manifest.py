"""manage.py slack_manifest: what has to be pasted when the app is made in Slack."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from medcover.system.models import SiteSettings
from notifications.slack.manifest import manifest


class Command(BaseCommand):
    """Prints and stores nothing."""

    help = "Prints the manifest of the Slack app as JSON, with the names of commands and the address of the settings."

    def add_arguments(self, parser: CommandParser) -> None:
        """Ask by which way requests are to come."""
        parser.add_argument("--socket-mode", action="store_true", help="for an installation that Slack cannot reach")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print it."""
        found = manifest(SiteSettings.load(), socket_mode=options["socket_mode"])
        self.stdout.write(json.dumps(found, ensure_ascii=False, indent=2))
