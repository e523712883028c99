"""`manage.py deliver_mails`: deliver what is due in the outbox, as the worker does.

For an installation whose worker is down, and beside a worker that is busy: several may run at the same time.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from notifications.delivery import Outcome, drain


class Command(BaseCommand):
    """Deliver until nothing is due."""

    help = "Delivers what is due in the outbox, as the worker does; several may run at the same time."

    def handle(self, *args: Any, **options: Any) -> None:
        """Drain until nothing is left; raise CommandError when the mail server cannot be reached."""
        outcome = drain()
        while outcome is Outcome.OUT_OF_TIME:
            outcome = drain()
        if outcome is Outcome.NO_WAY_OUT:
            raise CommandError("The mail server cannot be reached; what is due goes on waiting.")
        self.stdout.write("Nothing that is due is left.")
