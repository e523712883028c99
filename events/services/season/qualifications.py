"""The three qualifications that a season's sheet speaks of, and what the places of its events ask for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _

from credentials import services as credentials
from credentials.models import Qualification
from events.services.season.report import Part, RowNotes, SeasonReport
from medcover.common.czech import fold
from medcover.common.errors import DomainError

MEDIC, NOVICE, DRIVER = "Zdravotník", "Zelenáč", "Řidič sanitky"

#: A choice for places: the qualification of that sort as it is called here, created when it is missing.
MANAGED: Literal["managed"] = "managed"
Choice = int | Literal["managed"] | None


@dataclass(frozen=True)
class Managed:
    """The three as they are called here; an import touches no others. One that is missing has no key yet."""

    medic: Qualification
    novice: Qualification
    driver: Qualification


@dataclass(frozen=True)
class Demand:
    """What the places of one sort are called and ask for."""

    title: str
    qualification: Qualification | None


@dataclass(frozen=True)
class Demands:
    """The two sorts of places."""

    medic: Demand
    novice: Demand


@dataclass(frozen=True)
class PlaceChoices:
    """What the places of the two sorts are to ask for: a qualification by key, the managed one, or nothing."""

    medic: Choice = MANAGED
    novice: Choice = MANAGED

    def demands(self, managed: Managed) -> Demands:
        """Return the qualifications themselves. Raises DomainError when one has been deleted."""
        keys = [choice for choice in (self.medic, self.novice) if isinstance(choice, int)]
        living = Qualification.objects.living().in_bulk(keys)
        return Demands(
            _demand(self.medic, MEDIC, managed.medic, living), _demand(self.novice, NOVICE, managed.novice, living)
        )


def _demand(choice: Choice, title: str, managed: Qualification, living: dict[int, Qualification]) -> Demand:
    if choice is None:
        return Demand(title, None)
    found = managed if choice == MANAGED else living.get(choice)
    if found is None:
        raise DomainError(_("A qualification chosen for positions has been deleted; choose again."))
    return Demand(found.name, found)


def foreseen_qualifications() -> Managed:
    """Find the three by name, exactly or as part of a longer one; what is missing is as it would be created."""
    living: list[Qualification] = list(Qualification.objects.living().order_by("name_sort"))
    return Managed(
        medic=_find(MEDIC, living) or Qualification(name=MEDIC, can_lead=True),
        novice=_find(NOVICE, living) or Qualification(name=NOVICE),
        driver=_find(DRIVER, living) or Qualification(name=DRIVER),
    )


def managed_qualifications(report: SeasonReport, *, by: Any, at: datetime) -> Managed:
    """Find the three and create what is missing; a medic may stand in for a novice."""
    managed = foreseen_qualifications()
    for row, parents in ((managed.medic, []), (managed.novice, [managed.medic]), (managed.driver, [])):
        if not row.pk:
            _create(row, [parent.pk for parent in parents], report, by=by, at=at)
    return managed


def _find(name: str, living: Sequence[Qualification]) -> Qualification | None:
    """Return the qualification of this name, or the only one whose name holds it."""
    exact = [row for row in living if fold(row.name) == fold(name)]
    similar = [row for row in living if fold(name) in fold(row.name)]
    if exact or len(similar) == 1:
        return (exact or similar)[0]
    return None


def _create(fresh: Qualification, parents: Iterable[int], report: SeasonReport, *, by: Any, at: datetime) -> None:
    credentials.save_qualification(fresh, parents=list(parents), by=by, at=at)
    notes = RowNotes(Part.QUALIFICATIONS, None, fresh.name)
    notes.created(_("The qualification was missing and was created; check it before its first use."))
    report.take_over(notes.report)
