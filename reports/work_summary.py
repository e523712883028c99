"""„Přehled výkazů“: who served what in a period, to check work reports on paper against it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, Q, Sum, When, Window
from django.db.models.functions import RowNumber

from events.rules.lifecycle import RUNNING, Status
from reports import hours, selection
from reports.selection import Period


@dataclass(frozen=True)
class Hours:
    """Hours to 0.1; what is paid for and what is free are together what was served."""

    served: Decimal
    planned: Decimal
    paid: Decimal
    free: Decimal

    @property
    def total(self) -> Decimal:
        """Served and planned."""
        return self.served + self.planned

    @property
    def columns(self) -> tuple[Decimal, ...]:
        """In the order of the columns."""
        return self.served, self.planned, self.total, self.paid, self.free


@dataclass(frozen=True)
class Row:
    """One person on one event. `name` stands on a person's first row of a page; `person_total` after the last one."""

    duty: Any
    hours: Hours
    is_unfinished: bool
    shows_name: bool
    person_total: Hours | None


#: What is shown of each duty; events and people have many more columns.
_SHOWN = ("event__name", "event__start", "event__status", "person__name", "person__is_archived")


def duties(period: Period, at: datetime) -> Any:
    """Duties of a period in order of name and start, with the hours of the row, of its person, and its place there."""
    return _with_hours(period, at).select_related("event", "person").only(*_SHOWN).annotate(
        number=Window(RowNumber(), partition_by="person", order_by=["event__start", "pk"]),
        backwards=Window(RowNumber(), partition_by="person", order_by=["-event__start", "-pk"]),
        **{f"person_{name}": Window(Sum(name), partition_by="person") for name in Hours.__annotations__},
    ).order_by("person__name_sort", "person", "event__start", "pk")  # fmt: skip


def rows(duties: Any, at: datetime) -> list[Row]:
    """Return a page of such duties; a person that goes on from the page before is named once more."""
    return [_row(duty, at, first=number == 0) for number, duty in enumerate(duties)]


def _row(duty: Any, at: datetime, *, first: bool) -> Row:
    total = _hours(duty, "person_") if duty.backwards == 1 else None
    return Row(duty, _hours(duty), is_unfinished(duty.event, at), first or duty.number == 1, total)


def by_person(period: Period, at: datetime) -> list[tuple[str, Hours]]:
    """Return names with the hours of each, in Czech order."""
    people = _with_hours(period, at).values("person", "person__name", "person__name_sort")
    found = people.annotate(**_sums()).order_by("person__name_sort", "person")
    return [(row["person__name"], _from(row)) for row in found]


def total(period: Period, at: datetime) -> Hours:
    """Return the hours of everybody."""
    return _from(_with_hours(period, at).aggregate(**_sums()))


def is_unfinished(event: Any, at: datetime) -> bool:
    """Say whether an event has begun and nobody has completed it."""
    return bool(event.status != Status.COMPLETED and event.start <= at)


def _with_hours(period: Period, at: datetime) -> Any:
    unfinished = Q(event__status__in=RUNNING, event__start__lte=at)
    served = Case(
        When(hours.IS_SERVED, then=hours.served_length()),
        When(unfinished, then=hours.planned_length("event__")),
        default=hours.NONE,
        output_field=hours.HOURS,
    )
    found = selection.duties(period).annotate(
        served=served, planned=hours.where(hours.is_planned(at), hours.planned_length("event__"))
    )
    return found.annotate(
        paid=hours.where(Q(event__is_paid=True), F("served")), free=hours.where(Q(event__is_paid=False), F("served"))
    )


def _sums() -> dict[str, Any]:
    return {f"sum_{name}": hours.total(name) for name in Hours.__annotations__}


def _from(row: dict[str, Any]) -> Hours:
    return Hours(**{name: row[f"sum_{name}"] for name in Hours.__annotations__})


def _hours(duty: Any, prefix: str = "") -> Hours:
    return Hours(**{name: getattr(duty, f"{prefix}{name}") for name in Hours.__annotations__})
