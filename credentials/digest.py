"""What qualifications give to the admin digest: whose are running out."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from credentials.models import Holding
from medcover.common.intervals import local_day
from notifications.digest import registry
from notifications.digest.moments import day
from notifications.digest.options import BlockOptions, NumberField, Options, rows_field
from notifications.digest.registry import BlockKind, Facts


def register() -> None:
    """Add the block."""
    registry.register(EXPIRING)


class ExpiringOptions(BlockOptions):
    """How far ahead and back, and how many."""

    days = NumberField(label=_("Days ahead and back"), default=30, most=366)
    rows = rows_field(50, 200)


def collect(options: Options, at: datetime) -> Facts:
    """Read the holdings that run out within so many days, and those that ran out within so many."""
    today, span = local_day(at, timezone.get_current_timezone()), timedelta(days=options["days"])
    held = Holding.objects.held_by_those_who_stay()
    coming = _part(held.ending_between(today, today + span).order_by("valid_until", *_BY_PERSON), options["rows"])
    past = held.ending_between(today - span, today - timedelta(days=1)).order_by("-valid_until", *_BY_PERSON)
    return {"coming": coming, "past": _part(past, options["rows"]), "days": options["days"]}


_BY_PERSON = ("person__name_sort", "qualification__name_sort", "pk")


def _part(found: Any, most: int) -> Facts:
    rows = found.select_related("person", "qualification")[:most]
    return {"rows": [_row(one) for one in rows], "total": found.count()}


def _row(holding: Holding) -> dict[str, Any]:
    until: date | None = holding.valid_until
    return {"person": holding.person.name, "qualification": holding.qualification.name, "until": until}


def present(facts: Facts) -> dict[str, Any]:
    """Read the days."""
    parts = {name: {**facts[name], "rows": [_shown(row) for row in facts[name]["rows"]]} for name in ("coming", "past")}
    return {**facts, **parts}


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "until": day(row["until"])}


EXPIRING = BlockKind(
    code="expiring_qualifications",
    label=_("Expiring qualifications"),
    place=90,
    template="credentials/mail/digest/expiring_qualifications",
    options=ExpiringOptions,
    collect=collect,
    present=present,
    description=_("Whose qualification runs out soon, and whose has run out lately."),
)
