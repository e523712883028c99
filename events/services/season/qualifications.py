"""The three qualifications that a season's sheet speaks of; an import touches no others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from credentials import services as credentials
from credentials.models import Qualification
from events.services.season.report import Part, RowNotes, SeasonReport
from medcover.common.czech import fold

MEDIC, NOVICE, DRIVER = "Zdravotník", "Zelenáč", "Řidič sanitky"


@dataclass(frozen=True)
class Managed:
    """The three as they are called here."""

    medic: Qualification
    novice: Qualification
    driver: Qualification


def managed_qualifications(report: SeasonReport, *, by: Any, at: datetime) -> Managed:
    """Find the three by name, exactly or as part of a longer one, and create what is missing."""
    medic = _find(MEDIC) or _create(Qualification(name=MEDIC, can_lead=True), [], report, by=by, at=at)
    novice = _find(NOVICE) or _create(Qualification(name=NOVICE), [medic.pk], report, by=by, at=at)
    driver = _find(DRIVER) or _create(Qualification(name=DRIVER), [], report, by=by, at=at)
    return Managed(medic=medic, novice=novice, driver=driver)


def _find(name: str) -> Qualification | None:
    """Return the qualification of this name, or the only one whose name holds it."""
    living: list[Qualification] = list(Qualification.objects.living().order_by("name_sort"))
    exact = [row for row in living if fold(row.name) == fold(name)]
    similar = [row for row in living if fold(name) in fold(row.name)]
    if exact or len(similar) == 1:
        return (exact or similar)[0]
    return None


def _create(
    fresh: Qualification, parents: Iterable[int], report: SeasonReport, *, by: Any, at: datetime
) -> Qualification:
    created = credentials.save_qualification(fresh, parents=list(parents), by=by, at=at)
    notes = RowNotes(Part.QUALIFICATIONS, None, created.name)
    notes.created(_("The qualification was missing and was created; check it before its first use."))
    report.take_over(notes.report)
    return created
