"""The people of a season: recognised by name or address, created where possible, their qualifications aligned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from credentials import services as credentials
from credentials.models import Holding, Qualification
from events.importing.names import Match, NameBook
from events.importing.records import SheetPerson
from events.services.season.report import Remark, SeasonReport
from medcover.common.czech import fold
from roster import services as roster
from roster.models import User
from roster.rights import Role


@dataclass(frozen=True)
class Managed:
    """The three qualifications that the sheet speaks about; an import touches no others."""

    medic: Qualification
    novice: Qualification
    driver: Qualification


def managed_qualifications(report: SeasonReport, *, by: Any, at: datetime) -> Managed:
    """Find the three qualifications by name, exactly or as part of a longer one, and create what is missing."""
    medic = _named("Zdravotník", report, by=by, at=at, can_lead=True)
    return Managed(
        medic=medic,
        novice=_named("Zelenáč", report, by=by, at=at, parents=[medic.pk]),
        driver=_named("Řidič sanitky", report, by=by, at=at),
    )


def _named(
    name: str, report: SeasonReport, *, by: Any, at: datetime, can_lead: bool = False, parents: Iterable[int] = ()
) -> Qualification:
    living = list(Qualification.objects.living().order_by("name_sort"))
    exact = [row for row in living if fold(row.name) == fold(name)]
    similar = [row for row in living if fold(name) in fold(row.name)]
    if exact or len(similar) == 1:
        return (exact or similar)[0]
    report.counts["qualifications_created"] += 1
    report.doubtful.append(Remark(None, name, _("The qualification did not exist and was created.")))
    fresh = Qualification(name=name, can_lead=can_lead)
    return credentials.save_qualification(fresh, parents=list(parents), by=by, at=at)


class Directory:
    """Everybody a written name can mean: all accounts, archived ones included, and those created meanwhile."""

    def __init__(self) -> None:
        self._people: dict[Any, User] = {}
        self._book: NameBook[Any] = NameBook(())
        self.refresh()

    def refresh(self) -> None:
        """Read all accounts again."""
        self._people = {person.pk: person for person in User.objects.by_name()}
        self._book = NameBook((person.pk, person.name) for person in self._people.values())

    def match(self, name: str) -> Match[Any]:
        """Return how the written name meets the register."""
        return self._book.find(name)

    def person(self, name: str) -> User | None:
        """Return the one person the written name means, or None when there is none or more than one."""
        match = self.match(name)
        return self._people[match.key] if match.found else None


def bring_in(
    people: Iterable[SheetPerson], managed: Managed, report: SeasonReport, *, by: Any, at: datetime
) -> Directory:
    """Recognise or create everybody of the season; return the directory that events are matched with."""
    directory = Directory()
    for row in people:
        known = _recognised(row, directory)
        if known is None:
            _create(row, managed, directory, report, by=by, at=at)
        else:
            report.counts["people_known"] += 1
            _align(known, row, managed, report, by=by, at=at)
    directory.refresh()
    return directory


def _recognised(row: SheetPerson, directory: Directory) -> User | None:
    return directory.person(row.name) or (User.objects.filter(email=row.email).first() if row.email else None)


def _create(
    row: SheetPerson, managed: Managed, directory: Directory, report: SeasonReport, *, by: Any, at: datetime
) -> None:
    """Create an active member without a usable password; a person without an address cannot have an account."""
    if directory.match(row.name).ambiguous:
        report.doubtful.append(Remark(row.row, row.name, _("More than one person has this name; none was chosen.")))
        return
    if not row.email:
        message = _("The person has no account and cannot get one without an e-mail address.")
        report.doubtful.append(Remark(row.row, row.name, message))
        return
    person = roster.create_person(email=row.email, name=row.name, phone=row.phone, roles=[Role.MEMBER], by=by)
    report.counts["people_created"] += 1
    credentials.grant(person.pk, _rank(row, managed).pk, by=by, at=at)
    if row.is_driver:
        credentials.grant(person.pk, managed.driver.pk, by=by, at=at)


def _rank(row: SheetPerson, managed: Managed) -> Qualification:
    return managed.medic if row.is_medic else managed.novice


def _align(person: User, row: SheetPerson, managed: Managed, report: SeasonReport, *, by: Any, at: datetime) -> None:
    """Make the managed qualifications what the sheet says; where it says nothing, nothing is taken or given."""
    wanted: dict[int, bool] = {}
    if row.is_medic is not None:
        wanted |= {managed.medic.pk: row.is_medic, managed.novice.pk: not row.is_medic}
    if row.is_driver is not None:
        wanted[managed.driver.pk] = row.is_driver
    held = set(
        Holding.objects.filter(Q(person=person), qualification__in=wanted).values_list("qualification", flat=True)
    )
    changes = [(key, give) for key, give in wanted.items() if give != (key in held)]
    for key, give in changes:
        if give:
            credentials.grant(person.pk, key, by=by, at=at)
        else:
            credentials.withdraw(person.pk, key, by=by, at=at)
    report.counts["people_requalified"] += bool(changes)
