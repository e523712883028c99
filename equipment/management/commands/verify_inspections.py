"""manage.py verify_inspections"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from equipment.services import standings


class Command(BaseCommand):
    """Compare the stored days of inspections of all items with plans, results and uses."""

    help = "Reckons anew until when all items are inspected and reports those that differ; fails when there are any."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the one option."""
        parser.add_argument("--repair", action="store_true", help="write what was reckoned")

    def handle(self, *, repair: bool, **_options: Any) -> None:
        """Report each difference; with --repair, mend it and look again."""
        found = standings.differences()
        for difference in found:
            self.stdout.write(f"#{difference.item_id} {difference.name}")
        if repair and found:
            standings.rebuild([difference.item_id for difference in found])
            found = standings.differences()
        if found:
            words = ngettext(
                "%d item has wrong days of inspections.", "%d items have wrong days of inspections.", len(found)
            )
            raise CommandError(words % len(found))
        self.stdout.write(_("All days of inspections are right."))
