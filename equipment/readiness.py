"""What equipment adds to the readiness of events: what of the plan is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from equipment.plan_querysets import short_plans, shortages_read_once, types_in_doubt
from events import readiness
from events.rules.readiness import Reason


def register() -> None:
    """Let pages of events show it."""
    readiness.add_source(reasons)


@shortages_read_once()
def reasons(events: Sequence[Any]) -> Mapping[int, Sequence[Reason]]:
    """Return by event what it lacks; one statement as a rule, however many events.

    The events carry the rows that lack something as `lacking_equipment` from then on.
    """
    start, end = min(event.start for event in events), max(event.end for event in events)
    lacking = defaultdict(list)
    for row in _short_rows([event.pk for event in events], start, end) if types_in_doubt(start, end) else ():
        lacking[row.event_id].append(row)
    for event in events:
        event.lacking_equipment = lacking[event.pk]
    return {key: [_reason(rows)] for key, rows in lacking.items() if rows}


def _short_rows(keys: Sequence[int], start: datetime, end: datetime) -> Any:
    return short_plans(start, end).filter(event__in=keys).select_related("type").order_by("type__name_sort")


def _reason(rows: Sequence[Any]) -> Reason:
    listed = ", ".join(f"{row.type.name} {figures(row)}" for row in rows)
    brief = ", ".join(f"{row.type.icon} {figures(row)}" for row in rows)
    return Reason("equipment", _("Equipment missing: %s") % listed, _("Missing: %s") % brief)


def figures(row: Any) -> str:
    """Return what is left of a type and what is wanted of it, as "1/2"; below nothing is nothing."""
    return f"{max(0, row.available)}/{row.quantity}"
