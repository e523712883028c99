"""Foreseeing an import: reads only, and as many queries for a thousand rows as for one.

Every decision is made by the code that makes it during the import; new people stand in as accounts that are not
stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.importing.doubts import Doubt, DoubtKind
from events.importing.records import Season, SheetEvent, SheetPerson
from events.models import MasterEvent
from events.services.season import events, recognition
from events.services.season.abilities import Abilities
from events.services.season.directory import Directory
from events.services.season.forecast import EVERYTHING, Deselected, EventLine, Fate, Forecast, PersonLine
from events.services.season.qualifications import Demands, Managed, PlaceChoices, foreseen_qualifications
from events.services.season.recognition import Recognised
from events.services.season.report import Part, RowNotes, SeasonReport
from events.services.season.run import event_key, known_events, master_keys, part_of, shared_names
from events.services.season.setting import Masters, Setting
from medcover.common.errors import DomainError
from roster.models import User

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
        found = recognition.recognised([row for _number, row in selected], self.setting.directory)
        lines = {number: self._line(number, row, found.get(place)) for place, (number, row) in enumerate(selected)}
        return [lines.get(number) or self._left_out(number, row) for number, row in enumerate(self.rows, start=1)]

    def _left_out(self, number: int, row: SheetPerson) -> PersonLine:
        found = recognition.recognised([row], self.setting.directory).get(0)
        return PersonLine(number, row, False, _fate(found), found.account if found else None, [], [])

    def _line(self, number: int, row: SheetPerson, found: Recognised | None) -> PersonLine:
        doubts = [doubt.message for doubt in self.remarks.get((Part.PEOPLE, row.row), ()) if row.row is not None]
        if found is not None:
            return self._known(number, row, found, doubts)
        obstacle = recognition.obstacle(row, self.setting.directory)
        if obstacle:
            return PersonLine(number, row, True, Fate.NONE, None, [], [*doubts, str(obstacle)])
        return self._new(number, row, doubts)

    def _known(self, number: int, row: SheetPerson, found: Recognised, doubts: list[str]) -> PersonLine:
        changes = recognition.changes(row, self.setting.managed, self.abilities.held[found.account.pk])
        self.abilities.change(found.account, changes)
        self.setting.directory.learn(row.gs_name, found.account)
        doubts += [str(difference) for difference in recognition.differences(row, found.account)]
        return PersonLine(number, row, True, _fate(found), found.account, changes, doubts)

    def _new(self, number: int, row: SheetPerson, doubts: list[str]) -> PersonLine:
        active = not row.is_archived
        account = User(name=row.name, email=row.email, phone=row.phone, is_active=active, is_archived=row.is_archived)
        changes = [(qualification, True) for qualification in recognition.wanted_at_first(row, self.setting.managed)]
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
