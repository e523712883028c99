"""manage.py verify_staffing"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.services import figures
from medcover.common.verifying import VerifyCommand


class Command(VerifyCommand):
    """Compare the stored staffing figures of all events with their positions, people and offers."""

    help = "Recomputes the staffing figures of all events and reports those that differ; fails when there are any."

    def differences(self) -> Iterable[Any]:
        """Return the events whose figures are wrong."""
        return figures.differences()

    def line(self, difference: Any) -> str:
        """Return key and name of the event, and which figures differ."""
        return f"#{difference.event_id} {difference.name}: {difference}"

    def mend(self, differences: Sequence[Any]) -> None:
        """Count the events anew."""
        figures.recount([difference.event_id for difference in differences])

    def refusal(self, count: int) -> str:
        """Return how many events are wrong."""
        return ngettext("%d event has wrong staffing figures.", "%d events have wrong staffing figures.", count) % count

    def success(self) -> str:
        """Return that none is."""
        return _("All staffing figures are right.")
