"""The people of a season: recognised by name or address, created where possible, their qualifications aligned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from credentials import services as credentials
from credentials.models import Holding, Qualification
from events.importing.records import SheetPerson
from events.services.season.directory import Directory
from events.services.season.report import Part, RowNotes, write_row
from events.services.season.setting import Setting
from medcover.system import audit
from medcover.system.models import AuditEntry
from roster import services as roster
from roster.models import User
from roster.rights import Role


def bring_in(people: Sequence[SheetPerson], setting: Setting) -> None:
    """Recognise or create everybody, and teach the directory how the season spells them."""
    known = _recognised(people, setting.directory)
    for place, row in enumerate(people):
        notes = RowNotes(Part.PEOPLE, row.row, row.name)
        person = write_row(setting.report, notes, _Row(row, known.get(place), setting, notes).bring_in)
        if person is not None:
            setting.directory.learn(row.gs_name, person)


def _recognised(people: Sequence[SheetPerson], directory: Directory) -> dict[int, User]:
    """Match by name, then the rest by address; one account is never two people of the season."""
    found: dict[int, User] = {}
    claimed: set[Any] = set()
    for look in (_by_name, _by_address):
        for place, row in enumerate(people):
            account = None if place in found else look(row, directory)
            if account is not None and account.pk not in claimed:
                found[place] = account
                claimed.add(account.pk)
    return found


def _by_name(row: SheetPerson, directory: Directory) -> User | None:
    return directory.find(row.name).person or directory.find(row.gs_name).person


def _by_address(row: SheetPerson, directory: Directory) -> User | None:
    return directory.at_address(row.email)


class _Row:
    """One person of the season and the account that was recognised, if any."""

    def __init__(self, row: SheetPerson, known: User | None, setting: Setting, notes: RowNotes) -> None:
        self.row, self.known, self.setting, self.notes = row, known, setting, notes

    def bring_in(self) -> User | None:
        """Return the account, as it was or as it is now; None, with a doubt, when there can be none."""
        if self.known is not None:
            self.notes.count("people_known")
            self._doubt_differences(self.known)
            self._align(self.known)
            return self.known
        obstacle = self._obstacle()
        if obstacle:
            self.notes.doubt(obstacle)
            return None
        return self._create()

    def _doubt_differences(self, person: User) -> None:
        if person.name not in (self.row.name, self.row.gs_name):
            self.notes.doubt(_("The person was taken for %s, who is known already.") % person.name)
        if self.row.email and self.row.email != person.email:
            self.notes.doubt(_("The account has another e-mail address, which was kept."))

    def _obstacle(self) -> Promise | str | None:
        """Return why there can be no account."""
        directory = self.setting.directory
        if directory.find(self.row.name).ambiguous or directory.find(self.row.gs_name).ambiguous:
            return _("More than one person has this name; none was chosen.")
        if not self.row.email:
            return _("The person has no account and cannot get one without an e-mail address.")
        owner = directory.at_address(self.row.email)
        return _("The e-mail address belongs to %s; no account was created.") % owner.name if owner else None

    def _create(self) -> User:
        """Create an active member, whose password nobody knows."""
        row, by = self.row, self.setting.by
        person = roster.create_person(email=row.email, name=row.name, phone=row.phone, roles=[Role.MEMBER], by=by)
        summary = audit.sentence(_("Person imported: %s"), person.name)
        audit.record(person, kind=AuditEntry.Kind.IMPORT, by=by, summary=summary)
        held = [qualification for qualification, holds in self._wanted(row.is_medic or False) if holds]
        for qualification in held:
            credentials.grant(person.pk, qualification.pk, by=by, at=self.setting.at)
        self.notes.created(", ".join([row.email, *(qualification.name for qualification in held)]))
        return person

    def _wanted(self, is_medic: bool | None) -> list[tuple[Qualification, bool]]:
        """Return the managed qualifications of which the source speaks, each with whether it is held."""
        managed, is_driver = self.setting.managed, self.row.is_driver
        rank = [] if is_medic is None else [(managed.medic, is_medic), (managed.novice, not is_medic)]
        return rank if is_driver is None else [*rank, (managed.driver, is_driver)]

    def _align(self, person: User) -> None:
        """Make the managed qualifications what the source says; where it says nothing, nothing is taken or given."""
        wanted = self._wanted(self.row.is_medic)
        held = set(Holding.objects.filter(person=person).values_list("qualification", flat=True))
        changes = [(qualification, holds) for qualification, holds in wanted if holds != (qualification.pk in held)]
        by, at = self.setting.by, self.setting.at
        for qualification, holds in changes:
            if holds:
                credentials.grant(person.pk, qualification.pk, by=by, at=at)
            else:
                credentials.withdraw(person.pk, qualification.pk, by=by, at=at)
        if changes:
            self.notes.changed(", ".join(f"{'+' if holds else '−'}{row.name}" for row, holds in changes))
