"""Forecast of an import: what it would do with each row. Reads only, as many queries for a thousand rows as for one.

Every decision is made by the code that makes it during the import; new people stand in as accounts that are not stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Event, MasterEvent
from events.season.importing import events
from events.season.importing.events import Masters, Plan, Setting
from events.season.importing.report import Part, RowNotes, SeasonReport
from events.season.importing.run import event_key, known_events, master_keys, part_of, shared_names
from events.season.matching import people as matched
from events.season.matching.people import Abilities, Directory, Recognised
from events.season.matching.staffing import Demands, Managed, PlaceChoices, foreseen_qualifications
from events.season.reading.records import Doubt, DoubtKind, Season, SheetEvent, SheetPerson
from medcover.common.errors import DomainError
from roster.models import User


class Fate(TextChoices):
    """Outcome for a person of the season."""

    KNOWN_BY_NAME = "known_by_name", _("Exists (name)")
    KNOWN_BY_ADDRESS = "known_by_address", _("Exists (e-mail)")
    NEW = "new", _("New account")
    NONE = "none", _("No account")


@dataclass(frozen=True)
class PersonLine:
    """One person; `number` counts from 1 in the season. Without an account there is an obstacle among the doubts."""

    number: int
    row: SheetPerson
    selected: bool
    fate: Fate
    account: User | None
    changes: list[matched.Change]
    """Qualifications that are given and taken."""
    doubts: list[str]

    @property
    def known(self) -> bool:
        """There is an account already."""
        return self.fate in (Fate.KNOWN_BY_NAME, Fate.KNOWN_BY_ADDRESS)

    @property
    def editable(self) -> bool:
        """Whether the row can be corrected; so can one recognised by its address, which may have been mistyped."""
        return self.fate != Fate.KNOWN_BY_NAME

    @property
    def change_words(self) -> str:
        """The changes as "+Zdravotník, −Zelenáč"."""
        return matched.words_of(self.changes)


@dataclass(frozen=True)
class EventLine:
    """One event; `number` counts from 1 in the season."""

    number: int
    row: SheetEvent
    selected: bool
    exists: bool
    """Of this name on this day there is one already, or one in an earlier row: the row is passed over."""
    plan: Plan
    doubts: list[str]

    @property
    def event(self) -> Event:
        """The event as it would be; not stored."""
        return self.plan.event

    @property
    def leader(self) -> User | None:
        """Whom the import would take for the responsible person, able to lead or not."""
        return self.plan.crew.leader

    @property
    def leader_is_new(self) -> bool:
        """The responsible person has no account before the import."""
        return self.leader is not None and bool(self.leader._state.adding)  # noqa: SLF001 - Django's own word for it

    @property
    def filled(self) -> int:
        """How many places would have somebody."""
        return sum(place.person is not None for place in self.plan.crew.places)


@dataclass(frozen=True)
class Forecast:
    """All rows, and how many of what there would be."""

    events: list[EventLine]
    people: list[PersonLine]
    objections: list[str] = field(default_factory=list)
    """Why the import as a whole is not possible."""
    loose: list[Doubt] = field(default_factory=list)
    """What was remarked while the source was read, and belongs to none of these rows."""

    @property
    def selected_events(self) -> list[EventLine]:
        """Events that are to be imported, those that exist already included."""
        return [line for line in self.events if line.selected]

    @property
    def selected_people(self) -> list[PersonLine]:
        """People that are to be imported."""
        return [line for line in self.people if line.selected]

    @property
    def fresh_events(self) -> int:
        """How many events would be created."""
        return sum(not line.exists for line in self.selected_events)

    @property
    def existing_events(self) -> int:
        """How many selected events exist already."""
        return sum(line.exists for line in self.selected_events)

    @property
    def fresh_people(self) -> int:
        """How many accounts would be created."""
        return sum(line.fate == Fate.NEW for line in self.selected_people)

    @property
    def known_people(self) -> int:
        """How many selected people have an account."""
        return sum(line.known for line in self.selected_people)

    @property
    def requalified(self) -> int:
        """How many known people would hold other qualifications."""
        return sum(line.known and bool(line.changes) for line in self.selected_people)

    @property
    def warnings(self) -> int:
        """How many doubts the selected rows hold."""
        of_events = sum(len(line.doubts) for line in self.selected_events)
        return of_events + sum(len(line.doubts) for line in self.selected_people)

    @property
    def is_possible(self) -> bool:
        """The import would be let through and would write something."""
        return not self.objections and bool(self.fresh_events or self.fresh_people or self.requalified)


@dataclass(frozen=True)
class Deselected:
    """Numbers of rows, from 1, that are not to be imported."""

    events: frozenset[int] = frozenset()
    people: frozenset[int] = frozenset()


#: Nothing is deselected.
EVERYTHING = Deselected()


WILL_BE_PASSED_OVER = _("An event of this name already exists on this day; the row will be skipped.")

#: Remarks of the source that are said here more exactly.
_SAID_BETTER = frozenset({DoubtKind.PERSON_AMBIGUOUS, DoubtKind.PERSON_UNLISTED})

Remarks = Mapping[tuple[Part, int | None], Sequence[Doubt]]


def foresee(
    season: Season,
    *,
    by: Any,
    at: datetime,
    master: MasterEvent,
    places: PlaceChoices,
    deselected: Deselected = EVERYTHING,
) -> Forecast:
    """Return what importing the season would do."""
    abilities, objections = Abilities(), list[str]()
    setting = _setting(season, master, places, abilities, objections, by=by, at=at)
    selected = [row for number, row in enumerate(season.events, start=1) if number not in deselected.events]
    objections += setting.masters.objections(selected)
    remarks = _remarks(season)
    rows = _rows_of(season)
    loose = [doubt for place, doubts in remarks.items() if place not in rows for doubt in doubts]
    people = _People(season.people, deselected.people, setting, abilities, remarks).lines()
    return Forecast(_event_lines(season.events, deselected.events, setting, remarks), people, objections, loose)


def _setting(
    season: Season,
    master: MasterEvent,
    places: PlaceChoices,
    abilities: Abilities,
    objections: list[str],
    *,
    by: Any,
    at: datetime,
) -> Setting:
    managed = foreseen_qualifications()
    return Setting(
        masters=Masters(master, MasterEvent.objects.in_bulk(master_keys(season))),
        managed=managed,
        demands=_demands(places, managed, objections),
        directory=Directory(shared=shared_names(season), people=season.people),
        can_lead=abilities.can_lead,
        report=SeasonReport(),
        zone=timezone.get_current_timezone(),
        by=by,
        at=at,
    )


def _demands(places: PlaceChoices, managed: Managed, objections: list[str]) -> Demands:
    """Return what places will ask for; what stands in the way is noted, and the rest is foreseen nevertheless."""
    try:
        return places.demands(managed)
    except DomainError as refusal:
        objections.append(str(refusal))
        return PlaceChoices().demands(managed)


def _remarks(season: Season) -> Remarks:
    """Return what was remarked while the source was read, by row."""
    found = defaultdict(list)
    for doubt in season.doubts:
        if doubt.kind not in _SAID_BETTER:
            found[part_of(doubt), doubt.row].append(doubt)
    return found


def _rows_of(season: Season) -> set[tuple[Part, int | None]]:
    """Return the rows that have a line of their own."""
    people = {(Part.PEOPLE, row.row) for row in season.people}
    return people | {(Part.EVENTS, row.row) for row in season.events}


# --- people ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _People:
    """The people of a season, one after the other, as the import would meet them."""

    rows: Sequence[SheetPerson]
    deselected: frozenset[int]
    setting: Setting
    abilities: Abilities
    remarks: Remarks

    def lines(self) -> list[PersonLine]:
        """Foresee everybody; the directory learns whom names will mean."""
        selected = [(number, row) for number, row in enumerate(self.rows, start=1) if number not in self.deselected]
        found = matched.recognised([row for _number, row in selected], self.setting.directory)
        lines = {number: self._line(number, row, found.get(place)) for place, (number, row) in enumerate(selected)}
        return [lines.get(number) or self._left_out(number, row) for number, row in enumerate(self.rows, start=1)]

    def _left_out(self, number: int, row: SheetPerson) -> PersonLine:
        found = matched.recognised([row], self.setting.directory).get(0)
        return PersonLine(number, row, False, _fate(found), found.account if found else None, [], [])

    def _line(self, number: int, row: SheetPerson, found: Recognised | None) -> PersonLine:
        doubts = [doubt.message for doubt in self.remarks.get((Part.PEOPLE, row.row), ()) if row.row is not None]
        if found is not None:
            return self._known(number, row, found, doubts)
        obstacle = matched.obstacle(row, self.setting.directory)
        if obstacle:
            return PersonLine(number, row, True, Fate.NONE, None, [], [*doubts, str(obstacle)])
        return self._new(number, row, doubts)

    def _known(self, number: int, row: SheetPerson, found: Recognised, doubts: list[str]) -> PersonLine:
        changes = matched.changes(row, self.setting.managed, self.abilities.held[found.account.pk])
        self.abilities.change(found.account, changes)
        self.setting.directory.learn(row.gs_name, found.account)
        doubts += [str(difference) for difference in matched.differences(row, found.account)]
        return PersonLine(number, row, True, _fate(found), found.account, changes, doubts)

    def _new(self, number: int, row: SheetPerson, doubts: list[str]) -> PersonLine:
        active = not row.is_archived
        account = User(name=row.name, email=row.email, phone=row.phone, is_active=active, is_archived=row.is_archived)
        changes = [(qualification, True) for qualification in matched.wanted_at_first(row, self.setting.managed)]
        self.abilities.change(account, changes)
        self.abilities.welcome(account)
        self.setting.directory.learn(row.gs_name, account)
        return PersonLine(number, row, True, Fate.NEW, account, changes, doubts)


def _fate(found: Recognised | None) -> Fate:
    if found is None:
        return Fate.NONE
    return Fate.KNOWN_BY_NAME if found.by_name else Fate.KNOWN_BY_ADDRESS


# --- events ----------------------------------------------------------------------------------------------


def _event_lines(
    rows: Sequence[SheetEvent], deselected: frozenset[int], setting: Setting, remarks: Remarks
) -> list[EventLine]:
    known, lines = known_events(rows, setting.zone), []
    for number, row in enumerate(rows, start=1):
        exists, selected = event_key(row) in known, number not in deselected
        lines.append(_event_line(number, row, setting, remarks, exists=exists, selected=selected))
        if selected:
            known.add(event_key(row))
    return lines


def _event_line(
    number: int, row: SheetEvent, setting: Setting, remarks: Remarks, *, exists: bool, selected: bool
) -> EventLine:
    notes = RowNotes(Part.EVENTS, row.row, row.name)
    plan = events.plan(row, setting, notes)
    if exists:
        return EventLine(number, row, selected, True, plan, [str(WILL_BE_PASSED_OVER)])
    read = [doubt.message for doubt in remarks.get((Part.EVENTS, row.row), ())]
    return EventLine(number, row, selected, False, plan, [*read, *(note.message for note in notes.report.doubtful)])
