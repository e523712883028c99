"""Weekly series of events after one that exists, each an ordinary draft afterwards."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Event, EventTemplate
from events.rules import recurrence
from events.rules.recurrence import Occurrence, Weekly
from events.services.planning import create_event
from medcover.common.czech import fold
from medcover.common.errors import DomainError
from medcover.common.intervals import local_day


@dataclass(frozen=True)
class Planned:
    """One event of a series before it is made; `exists` says that one of that name is on that day already."""

    occurrence: Occurrence
    exists: bool


def preview(name: str, start: datetime, end: datetime, pattern: Weekly) -> list[Planned]:
    """Return the events that the pattern would make of a span. Raises DomainError for a bad pattern."""
    problem = recurrence.problem(pattern)
    if problem is not None:
        raise DomainError(problem)
    zone = timezone.get_current_timezone()
    found = recurrence.occurrences(recurrence.days(pattern), start, end, zone)
    taken = _days_of(name, found)
    return [Planned(occurrence, local_day(occurrence.start, zone) in taken) for occurrence in found]


def _days_of(name: str, occurrences: list[Occurrence]) -> set[date]:
    """Return the local days on which there is an event of this name."""
    zone, margin = timezone.get_current_timezone(), timedelta(days=1)
    near = Event.objects.starting_before(occurrences[-1].start + margin).filter(start__gt=occurrences[0].start - margin)
    starts = near.filter(name_search=fold(name)[:300]).values_list("start", flat=True)
    return {local_day(start, zone) for start in starts}


@transaction.atomic
def create_series(
    fields: Mapping[str, Any],
    staffing: Mapping[str, Any],
    pattern: Weekly,
    *,
    only: Collection[date] | None = None,
    source: Event | EventTemplate | None = None,
    by: Any,
    at: datetime,
) -> list[Event]:
    """Make one draft for each day of the pattern (of `only` those days, when given), all or nothing.

    `fields`, `staffing` and `source` are what `create_event` takes; start, end and the opening of sign-ups move along.
    Days on which an event of that name exists are left out, so asking twice makes nothing twice. Raises NotAllowed,
    DomainError.
    """
    planned = preview(fields["name"], fields["start"], fields["end"], pattern)
    chosen = [row.occurrence for row in planned if not row.exists and (only is None or row.occurrence.day in only)]
    if not chosen:
        raise DomainError(_("There is no day left on which to make an event."))
    made = []
    for occurrence in chosen:
        moved = {"start": occurrence.start, "end": occurrence.end, "signups_open_at": _opening(fields, occurrence)}
        made.append(create_event(by=by, at=at, source=source, **{**fields, **moved}, **staffing))
    return made


def _opening(fields: Mapping[str, Any], occurrence: Occurrence) -> datetime | None:
    """Sign-ups open as many days before each event, at the same time of day."""
    opens: datetime | None = fields.get("signups_open_at")
    if opens is None:
        return None
    zone = timezone.get_current_timezone()
    ahead = local_day(fields["start"], zone) - local_day(opens, zone)
    moved = recurrence.occurrences([occurrence.day - ahead], opens, opens + timedelta(minutes=1), zone)[0].start
    return moved if moved < occurrence.start else None
