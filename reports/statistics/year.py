"""All that is said of one year, read once for the page and for the workbook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Min
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.functional import Promise

from events.models import Event
from events.rules.lifecycle import Status
from events.rules.planning import Kind
from medcover.system.models import SiteSettings
from reports.selection import year_of
from reports.statistics import drop_outs, equipment, events, people
from reports.statistics.events import Filling, Key, Sums


class Month(NamedTuple):
    """One month and its figures."""

    number: int
    name: str | Promise
    sums: Sums
    cancelled: int
    left_late: int


@dataclass(frozen=True)
class Year:
    """Figures of a year; of equipment None for readers who may not see it."""

    number: int
    sums: dict[Key, Sums]
    cancelled: dict[int, int]
    left_late: dict[int, int]
    filling: Filling
    retention: people.Retention
    equipment: list[equipment.Line] | None

    @cached_property
    def total(self) -> Sums:
        """Completed events of all months and types."""
        return events.together(self.sums)

    @cached_property
    def months(self) -> list[Month]:
        """All twelve."""
        return [
            Month(number, MONTHS[number], sums, self.cancelled.get(number, 0), self.left_late.get(number, 0))
            for number, sums in events.months(self.sums)
        ]

    @cached_property
    def kinds(self) -> list[tuple[Kind, Sums]]:
        """Types of events."""
        return [(kind, events.together(self.sums, lambda _month, of, kind=kind: of == kind)) for kind in Kind]  # type: ignore[misc]

    @cached_property
    def all_cancelled(self) -> int:
        """Cancelled events of all months."""
        return sum(self.cancelled.values())

    @cached_property
    def all_left_late(self) -> int:
        """Late drop-outs of all months."""
        return sum(self.left_late.values())

    @cached_property
    def equipment_total(self) -> dict[str, int]:
        """Figures of all types of equipment."""
        return equipment.totals(self.equipment or [])


def read(number: int, retention: people.Retention, *, with_equipment: bool) -> Year:
    """Return the figures of a year; `retention` is what `people.served_in` has counted."""
    period = year_of(number)
    return Year(
        number=number,
        sums=events.by_month_and_kind(period),
        cancelled=events.cancelled_by_month(period),
        left_late=drop_outs.count_by_month(period, _late_hours()),
        filling=events.filling(period),
        retention=retention,
        equipment=equipment.by_type(period) if with_equipment else None,
    )


def late_of(number: int) -> Any:
    """Entries about late drop-outs of a year, as late as the settings say."""
    return drop_outs.late(year_of(number), _late_hours())


def _late_hours() -> int:
    return SiteSettings.current().drop_out_hours


def offered(today: date) -> list[int]:
    """Return the years that can be chosen, the latest first: from the first completed event on; one query."""
    first = Event.objects.filter(status=Status.COMPLETED).order_by().aggregate(first=Min("start"))["first"]
    start = timezone.localdate(first).year if first else today.year
    return list(range(today.year, min(start, today.year) - 1, -1))
