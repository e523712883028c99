"""What events give to the admin digest: figures, and the block of what is coming."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models import Event
from events.rules.lifecycle import Status
from events.rules.staffing import Level
from medcover.common import formats
from notifications.digest import registry, sources
from notifications.digest.options import BlockOptions, NumberField, Options, SwitchField, rows_field
from notifications.digest.registry import BlockKind, Facts
from notifications.digest.sources import Figure

#: Further ahead nobody plans; reading the staffing of a whole year would take long.
MOST_DAYS = 92


def register() -> None:
    """Add what is known of events."""
    registry.register(UPCOMING)
    sources.register_figures(
        "events",
        Figure("coming", gettext_lazy("Coming events"), lambda at: _running().filter(start__gt=at).count()),
        Figure("drafts", gettext_lazy("Drafts of events"), lambda _at: _living_of(Status.DRAFT).count()),
        Figure("completed", gettext_lazy("Completed events"), lambda _at: _living_of(Status.COMPLETED).count()),
        Figure("all", gettext_lazy("All events, archived ones included"), lambda _at: Event.objects.count()),
    )


def _running() -> Any:
    return Event.objects.not_archived().running()


def _living_of(status: Status) -> Any:
    return Event.objects.not_archived().filter(status=status)


class UpcomingOptions(BlockOptions):
    """How far ahead, how many, and which."""

    days = NumberField(label=gettext_lazy("Days ahead"), default=7, most=MOST_DAYS)
    rows = rows_field(15)
    only_vacant = SwitchField(label=gettext_lazy("Only events with free places"), default=False)


def collect(options: Options, at: datetime) -> Facts:
    """Read the events that begin within so many days, the next one first."""
    coming = _running().filter(start__gte=at).starting_before(at + timedelta(days=options["days"]))
    found = coming.with_staffing().order_by("start", "pk")
    rows, total = _vacant(found, options["rows"]) if options["only_vacant"] else _first(found, options["rows"])
    return {"rows": [_row(event) for event in rows], "total": total, "days": options["days"]}


def _first(found: Any, most: int) -> tuple[Iterable[Event], int]:
    return found[:most], found.count()


def _vacant(found: Any, most: int) -> tuple[Iterable[Event], int]:
    """Whether somebody still fits is worked out from the rows, so all of them are read."""
    vacant = [event for event in found if event.staffing.free]
    return islice(vacant, most), len(vacant)


def _row(event: Event) -> dict[str, Any]:
    staffing = event.staffing
    return {
        "name": event.name,
        "path": event.get_absolute_url(),
        "start": event.start,
        "end": event.end,
        "status": event.status,
        "by_conditions": staffing.by_conditions,
        "filled": staffing.filled,
        "free": staffing.free,
        "needed": staffing.needed_total,
        "total": staffing.total,
        "level": staffing.level.value,
        "is_short": staffing.is_short,
    }


def present(facts: Facts) -> dict[str, Any]:
    """Put time, status and staffing into words."""
    return {**facts, "rows": [{**row, **_words(row)} for row in facts["rows"]]}


def _words(row: dict[str, Any]) -> dict[str, Any]:
    start, end = datetime.fromisoformat(row["start"]), datetime.fromisoformat(row["end"])
    zone = timezone.get_current_timezone()
    hours = formats.event_hours(start, end, formats.EventTimeStyle.DURATION, zone)
    return {
        "when": f"{formats.short_day(start.astimezone(zone).date())} {hours}",
        "status": Status(row["status"]).label,
        "staffing": _staffing(row),
    }


def _staffing(row: dict[str, Any]) -> str:
    if not row["total"]:
        return str(Level.NO_POSITIONS.label)
    if not row["by_conditions"]:
        return _("free: %(free)d of %(total)d") % row
    people = _("people: %(filled)d, needed %(needed)d to %(total)d") % row
    return f"{people}; {Level(row['level']).label}" if row["is_short"] else people


UPCOMING = BlockKind(
    code="upcoming_events",
    label=gettext_lazy("Upcoming events"),
    place=30,
    template="events/mail/digest/upcoming_events",
    options=UpcomingOptions,
    collect=collect,
    present=present,
    description=gettext_lazy("What begins in the next days, and how well it is staffed."),
)
