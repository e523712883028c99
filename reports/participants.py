"""People and what they served and have ahead: the participants' table of several reports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Min

from reports import hours, selection


@dataclass(frozen=True)
class Figures:
    """What reports say of some duties of one person; hours to 0.1."""

    shifts_served: int
    shifts_planned: int
    hours_served: Decimal
    hours_planned: Decimal
    hours_free: Decimal
    last_shift: datetime | None

    @property
    def shifts(self) -> int:
        """Served and planned ones."""
        return self.shifts_served + self.shifts_planned

    @property
    def hours(self) -> Decimal:
        """Served and planned ones."""
        return self.hours_served + self.hours_planned


@dataclass(frozen=True)
class Participant:
    """One line of the table."""

    person: UUID
    name: str
    is_archived: bool
    figures: Figures
    next_shift: datetime | None


def figures_of(duties: Any, at: datetime) -> Figures:
    """Return the figures of all these duties together."""
    return Figures(**duties.aggregate(**hours.figures(at)))


def grouped(duties: Any, at: datetime) -> Any:
    """Duties grouped by person, in Czech order of names; to be sliced, then given to `in_words`."""
    people = duties.values("person", "person__name", "person__is_archived", "person__name_sort")
    return people.annotate(**hours.figures(at)).order_by("person__name_sort", "person")


def lines(rows: Iterable[dict[str, Any]], at: datetime) -> list[Participant]:
    """Return the rows of `grouped` with the next shift of each, whatever the report is about; one more query."""
    rows = list(rows)
    coming = next_shifts([row["person"] for row in rows], at)
    return [
        Participant(
            row["person"],
            row["person__name"],
            row["person__is_archived"],
            Figures(**{name: row[name] for name in Figures.__annotations__}),
            coming.get(row["person"]),
        )
        for row in rows
    ]


def next_shifts(people: Iterable[Any], at: datetime) -> dict[Any, datetime]:
    """Return when the next shift of each begins, by key; of those without one there is nothing."""
    coming = selection.duties().filter(hours.is_planned(at), person__in=list(people))
    return dict(coming.values_list("person").annotate(Min("event__start")))
