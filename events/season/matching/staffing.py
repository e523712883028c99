"""Matching staffing: the three qualifications that a sheet speaks of, what places ask for, and the clock of the site.

Wall-clock times become moments, also on the two nights a year when the clocks change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from credentials import services as credentials
from credentials.models import Qualification
from events.season.importing.report import Part, RowNotes, SeasonReport
from medcover.common.czech import fold
from medcover.common.errors import DomainError

MEDIC, NOVICE, DRIVER = "Zdravotník", "Zelenáč", "Řidič sanitky"

#: A choice for places: the qualification of that sort as it is called here, created when it is missing.
MANAGED: Literal["managed"] = "managed"
Choice = int | Literal["managed"] | None


@dataclass(frozen=True)
class Managed:
    """The three qualifications that an import manages, as they are called here. One that is missing has no key yet."""

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
    credentials.save_qualification(fresh, direct_substitutes=list(parents), by=by, at=at)
    notes = RowNotes(Part.QUALIFICATIONS, None, fresh.name)
    notes.created(_("The qualification was missing and was created; check it before its first use."))
    report.take_over(notes.report)


#: An event without an end lasts this long.
DEFAULT_LENGTH = timedelta(hours=2)

HOUR_LEFT_OUT = _("The clocks leave out %(time)s on that day, so an hour later was taken.")
HOUR_TWICE = _("The clocks show %(time)s twice on that day; the first time was taken.")


def span(day: date, start: time | None, end: time | None, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return both moments of an event in UTC.

    An unknown start is midnight, an unknown end two hours after the start. An end that is not after the start on
    the clock belongs to the next day.
    """
    opening = start or time.min
    begins = _moment(day, opening, zone)
    if end is None:
        return begins, begins + DEFAULT_LENGTH
    ends = _moment(_last_day(day, opening, end), end, zone)
    if ends <= begins:
        # The start lay in the hour that the clocks leave out and was moved: the end moves with it.
        ends = begins + (datetime.combine(day, end) - datetime.combine(day, opening))
    return begins, ends


def clock_doubts(day: date, start: time | None, end: time | None, zone: tzinfo) -> Iterator[tuple[Promise, time]]:
    """Yield those of the two times that the clocks leave out or show twice, each with its sentence."""
    last_day = _last_day(day, start or time.min, end) if end else day
    for on_day, clock in ((day, start), (last_day, end)):
        if clock is None:
            continue
        before, after = (datetime.combine(on_day, clock, zone).replace(fold=fold).utcoffset() for fold in (0, 1))
        if before and after and before != after:
            yield (HOUR_LEFT_OUT if before < after else HOUR_TWICE), clock


def _last_day(day: date, start: time, end: time) -> date:
    return day if end > start else day + timedelta(days=1)


def _moment(day: date, clock: time, zone: tzinfo) -> datetime:
    """Of two equal times the first is meant; one that does not exist is an hour later."""
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)
