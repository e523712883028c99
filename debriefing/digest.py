"""What debriefing gives to the admin digest: needs that nobody has dealt with yet. Nothing confidential is in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from debriefing.models import Need
from debriefing.need_overview import by_event
from debriefing.need_querysets import asked_about, having
from notifications.digest import registry
from notifications.digest.moments import day
from notifications.digest.options import BlockOptions, Options, rows_field
from notifications.digest.registry import BlockKind, Facts


def register() -> None:
    """Add the block."""
    registry.register(NEEDS)


class NeedsOptions(BlockOptions):
    """Of how many events."""

    rows = rows_field(15, 100)


def collect(options: Options, _at: datetime) -> Facts:
    """Read the events with open needs, the latest first, and what their people ask for."""
    needs = Need.objects.open()
    found = asked_about().filter(having(needs)).select_related("master_event")
    entries = by_event(list(found[: options["rows"]]), needs)
    rows = [
        {
            "event": entry.event.name,
            "day": timezone.localdate(entry.event.start),
            "needs": [f"{group.quantity}× {group.first.known_subject}" for group in entry.groups],
        }
        for entry in entries
    ]
    return {"rows": rows, "total": found.count()}


def present(facts: Facts) -> dict[str, Any]:
    """Read the days."""
    return {**facts, "rows": [{**row, "day": day(row["day"])} for row in facts["rows"]]}


NEEDS = BlockKind(
    code="needs",
    label=_("Needs from debriefings"),
    place=120,
    template="debriefing/mail/digest/needs",
    options=NeedsOptions,
    collect=collect,
    present=present,
    description=_("What crews missed or used up, as long as nobody has dealt with it."),
)
