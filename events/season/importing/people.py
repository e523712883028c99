"""The people of a season: created where possible, their qualifications aligned with what the season says."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from credentials import services as credentials
from credentials.models import Holding
from events.season.importing.events import Setting
from events.season.importing.report import Part, RowNotes, write_row
from events.season.matching import people as matched
from events.season.reading.records import SheetPerson
from medcover.system import audit
from medcover.system.models import AuditEntry
from roster import services as roster
from roster.models import User
from roster.rights import Role


def bring_in(people: Sequence[SheetPerson], setting: Setting) -> None:
    """Recognise or create everybody, and teach the directory how the season spells them."""
    known = matched.recognised(people, setting.directory)
    fresh = []
    for place, row in enumerate(people):
        notes = RowNotes(Part.PEOPLE, row.row, row.name)
        account = known[place].account if place in known else None
        write = _Row(row, account, setting, notes).bring_in
        person = write_row(setting.report, notes, write, strict=setting.strict)
        if person is not None:
            setting.directory.learn(row.gs_name, person)
            if account is None:
                fresh.append((person, row))
    _complete(fresh, setting)


def _complete(fresh: Sequence[tuple[User, SheetPerson]], setting: Setting) -> None:
    """Give new people their qualifications, and put away who has left."""
    granted = [(person, held) for person, row in fresh for held in matched.wanted_at_first(row, setting.managed)]
    credentials.grant_at_first(granted, by=setting.by, at=setting.at)
    for person, row in fresh:
        if row.is_archived:
            roster.archive(person.pk, by=setting.by, at=setting.at)


class _Row:
    """One person of the season and the account that was recognised, if any."""

    def __init__(self, row: SheetPerson, known: User | None, setting: Setting, notes: RowNotes) -> None:
        self.row, self.known, self.setting, self.notes = row, known, setting, notes

    def bring_in(self) -> User | None:
        """Return the account, as it was or as it is now; None, with a doubt, when there can be none."""
        if self.known is not None:
            self.notes.count("people_known")
            for difference in matched.differences(self.row, self.known):
                self.notes.doubt(difference)
            self._align(self.known)
            return self.known
        obstacle = matched.obstacle(self.row, self.setting.directory)
        if obstacle:
            self.notes.doubt(obstacle)
            return None
        return self._create()

    def _create(self) -> User:
        """Create a member, active unless they have left, whose password nobody knows."""
        row, by = self.row, self.setting.by
        person = roster.create_person(
            email=row.email, name=row.name, phone=row.phone, roles=[Role.MEMBER], active=not row.is_archived, by=by
        )
        summary = audit.sentence(_("Person imported: %s"), person.name)
        audit.record(person, kind=AuditEntry.Kind.IMPORT, by=by, summary=summary)
        held = matched.wanted_at_first(row, self.setting.managed)
        self.notes.created(", ".join([row.email, *(qualification.name for qualification in held)]))
        return person

    def _align(self, person: User) -> None:
        """Make the managed qualifications what the source says."""
        held = set(Holding.objects.filter(person=person).values_list("qualification", flat=True))
        found = matched.changes(self.row, self.setting.managed, held)
        by, at = self.setting.by, self.setting.at
        for qualification, holds in found:
            if holds:
                credentials.grant(person.pk, qualification.pk, by=by, at=at)
            else:
                credentials.withdraw(person.pk, qualification.pk, by=by, at=at)
        if found:
            self.notes.changed(matched.words_of(found))
