"""manage.py verify_staffing"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.services import figures


class Command(BaseCommand):
    """Compare the stored staffing figures of all events with their positions, people and offers."""

    help = "Recomputes the staffing figures of all events and reports those that differ; fails when there are any."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the one option."""
        parser.add_argument("--repair", action="store_true", help="write what was counted")

    def handle(self, *, repair: bool, **_options: Any) -> None:
        """Report each difference; with --repair, mend it and look again."""
        found = figures.differences()
        for difference in found:
            self.stdout.write(f"#{difference.event_id} {difference.name}: {difference}")
        if repair and found:
            figures.recount([difference.event_id for difference in found])
            found = figures.differences()
        if found:
            words = ngettext(
                "%d event has wrong staffing figures.", "%d events have wrong staffing figures.", len(found)
            )
            raise CommandError(words % len(found))
        self.stdout.write(_("All staffing figures are right."))
