"""manage.py verify_inspections"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from equipment.services import standings
from medcover.common.verifying import VerifyCommand


class Command(VerifyCommand):
    """Compare the stored days of inspections of all items with plans, results and uses."""

    help = "Reckons anew until when all items are inspected and reports those that differ; fails when there are any."

    def differences(self) -> Iterable[Any]:
        """Return the items whose days are wrong."""
        return standings.differences()

    def line(self, difference: Any) -> str:
        """Return key and name of the item."""
        return f"#{difference.item_id} {difference.name}"

    def mend(self, differences: Sequence[Any]) -> None:
        """Reckon the items anew."""
        standings.rebuild([difference.item_id for difference in differences])

    def refusal(self, count: int) -> str:
        """Return how many items are wrong."""
        return ngettext(
            "%d item has wrong days of inspections.", "%d items have wrong days of inspections.", count
        ) % count  # fmt: skip

    def success(self) -> str:
        """Return that none is."""
        return _("All days of inspections are right.")
