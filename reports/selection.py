"""What reports are about: days, and the events and duties that count at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import DateTimeField, Expression, FilteredRelation, Q
from django.utils import timezone

from events.models import Assignment, Event
from events.rules.lifecycle import Status
from medcover.common.intervals import day_bounds
from medcover.common.prepared import prepared

#: Count nowhere.
_NEVER = (Status.DRAFT, Status.CANCELLED)


@dataclass(frozen=True)
class Period:
    """Local days from the first to the last, both included; None leaves an end open."""

    first: date | None = None
    last: date | None = None

    @property
    def is_open(self) -> bool:
        """Nothing is bounded."""
        return self.first is None and self.last is None

    @property
    def query(self) -> str:
        """The period as parameters of an address."""
        days = {"since": self.first, "until": self.last}
        return urlencode({name: day.isoformat() for name, day in days.items() if day})

    @property
    def bounds(self) -> tuple[datetime | None, datetime | None]:
        """The first moment, and the first one that is not in it any more."""
        zone = timezone.get_current_timezone()
        start = day_bounds(self.first, zone)[0] if self.first else None
        return start, day_bounds(self.last, zone)[1] if self.last else None

    def starts(self, event: str = "") -> Q:
        """Condition on a row: its event starts in the period; `event` is the way to it, such as "event__"."""
        start, end = self.bounds
        found = Q(**{f"{event}start__gte": start}) if start else Q()
        return found & Q(**{f"{event}start__lt": end}) if end else found


EVER = Period()


class _Written(Expression):
    """A moment that stands in the statement itself and not among its parameters.

    PostgreSQL plans a statement that comes again and again without knowing its parameters, and then takes a year for a
    handful of rows, and equal conditions with parameters of their own for different ones: half as fast.
    """

    def __init__(self, moment: datetime) -> None:
        super().__init__(output_field=DateTimeField())
        self._moment = moment

    def as_sql(self, _compiler: Any, _connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Write it in UTC."""
        return f"TIMESTAMPTZ '{self._moment.astimezone(UTC).isoformat()}'", ()


@dataclass(frozen=True)
class Written(Period):
    """A period bounded on both sides whose moments stand in the statement itself."""

    @property
    def bounds(self) -> tuple[Any, Any]:
        """The first moment, and the first one that is not in it any more."""
        start, end = super().bounds
        return (_Written(start), _Written(end)) if start and end else (start, end)


def written(period: Period) -> Written:
    """Return the period for statements of which there is one for each year."""
    return Written(period.first, period.last)


def prepared_of_year(build: Callable[[Period], Any]) -> Callable[[Period], list[Any]]:
    """Prepare a read of a year; there is a statement for each year that somebody has asked for."""
    return prepared()(lambda _parameters, year: build(written(year)))


def year_of(year: int) -> Period:
    """Return a calendar year."""
    return Period(date(year, 1, 1), date(year, 12, 31))


def events(period: Period = EVER) -> Any:
    """Events of a period that count in reports: neither drafts nor cancelled ones nor what is put away."""
    return Event.objects.on_paper().exclude(status__in=_NEVER).filter(period.starts()).order_by()


def served_duties(period: Period) -> Any:
    """Duties on completed events, also on those that were put away since: for figures of what was done in a year."""
    return _duties().filter(period.starts("event__"), event__status=Status.COMPLETED)


def duties(period: Period = EVER) -> Any:
    """Duties on such events."""
    found = _duties().filter(period.starts("event__"), event__is_archived=False)
    return found.exclude(event__status__in=_NEVER)


def _duties() -> Any:
    """Duties, each with its debriefing as `own` if the person said how long they were there; few did."""
    said = Q(debriefing__own_start__isnull=False) | Q(debriefing__own_hours__isnull=False)
    return Assignment.objects.alias(own=FilteredRelation("debriefing", condition=said)).order_by()
