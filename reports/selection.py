"""What reports are about: days, and the events and duties that count at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import DateField, Q
from django.utils import timezone

from events.models import Assignment, Event
from events.rules.lifecycle import Status
from medcover.common.intervals import day_bounds
from medcover.common.prepared import MOMENT, prepared

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


@dataclass(frozen=True)
class AnyPeriod(Period):
    """A period by its moments, such as parameters of a prepared query, which knows only that there are some."""

    moments: tuple[Any, Any] = field(default=(None, None))

    @property
    def bounds(self) -> tuple[Any, Any]:
        """The moments that were given."""
        return self.moments


def prepared_of_period(build: Callable[[Period], Any]) -> Callable[[Period], list[Any]]:
    """Prepare a read of a period bounded on both sides; see `medcover.common.prepared`."""
    query = prepared(first=DateField(), last=DateField(), start=MOMENT, end=MOMENT)(
        lambda p: build(AnyPeriod(p.first, p.last, (p.start, p.end)))
    )

    def rows(period: Period) -> list[Any]:
        start, end = period.bounds
        return query(first=period.first, last=period.last, start=start, end=end)

    rows.__doc__ = build.__doc__
    return rows


def year_of(year: int) -> Period:
    """Return a calendar year."""
    return Period(date(year, 1, 1), date(year, 12, 31))


def events(period: Period = EVER) -> Any:
    """Events of a period that count in reports: neither drafts nor cancelled ones nor what is put away."""
    return Event.objects.on_paper().exclude(status__in=_NEVER).filter(period.starts()).order_by()


def served_duties(period: Period) -> Any:
    """Duties on completed events, also on those that were put away since: for figures of what was done in a year."""
    return Assignment.objects.filter(period.starts("event__"), event__status=Status.COMPLETED).order_by()


def duties(period: Period = EVER) -> Any:
    """Duties on such events."""
    found = Assignment.objects.filter(period.starts("event__"), event__is_archived=False)
    return found.exclude(event__status__in=_NEVER).order_by()
