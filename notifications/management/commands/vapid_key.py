"""Makes the key that notifications in browsers need."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from notifications.push import keys


class Command(BaseCommand):
    """Print the lines for the environment; nothing is stored."""

    help = "Makes a key pair for notifications in browsers and prints the lines for the environment."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Let the contact be named at once."""
        parser.add_argument(
            "--contact",
            default="admin@example.org",
            help="E-mail address to which push services may write about trouble with this installation.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a new pair. Used instead of an old one, everybody has to switch their browsers on anew."""
        self.stdout.write(f"VAPID_PRIVATE_KEY={keys.new_pair().private}")
        self.stdout.write(f"VAPID_SUBJECT=mailto:{options['contact'].removeprefix('mailto:')}")
