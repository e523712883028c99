"""Importing events: times made whole, places by the size of the crew, people put on them, nobody told.

What a sheet records has happened or been agreed already, so neither eligibility nor overlaps are checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import zip_longest
from typing import Any

from django.utils.translation import gettext_lazy as _

from events.models import Assignment, Event, MasterEvent, Position
from events.rules.lifecycle import Status
from events.season.importing.report import RowNotes, SeasonReport
from events.season.matching.people import Directory
from events.season.matching.staffing import Demand, Demands, Managed, clock_doubts, span
from events.season.reading.records import SheetEvent
from medcover.common.formats import date_time
from medcover.system import audit
from roster.models import User


@dataclass(frozen=True)
class Masters:
    """The master events of an import: the one for all events, and those chosen for single ones, by key."""

    default: MasterEvent
    chosen: dict[int, MasterEvent]

    def of(self, row: SheetEvent) -> MasterEvent:
        """Return where an event goes."""
        return self.default if row.master is None else self.chosen.get(row.master, self.default)

    def objections(self, rows: Iterable[SheetEvent]) -> Iterator[str]:
        """Yield why the import as a whole is not possible: an event would go where none may go."""
        if self.default.is_archived:
            yield str(_("The master event is archived."))
        words = _("Row %(row)d, %(name)s: the chosen master event is archived or does not exist any more.")
        for row in rows:
            found = self.default if row.master is None else self.chosen.get(row.master)
            if found is None or (row.master is not None and found.is_archived):
                yield words % {"row": row.row, "name": row.name}


@dataclass(frozen=True)
class Setting:
    """What all rows of an import share: where they go, whom names mean, who may lead, where notes are kept.

    `strict`: a row that cannot be written ends the import instead of being reported.
    """

    masters: Masters
    managed: Managed
    demands: Demands
    directory: Directory
    can_lead: Callable[[Event, User], bool]
    report: SeasonReport
    zone: tzinfo
    by: Any
    at: datetime
    strict: bool = False


#: A crew of up to this many people gets the small plan, whose third place is optional.
SMALL_CREW = 3


@dataclass(frozen=True)
class Place:
    """A position to be created, and who is assigned to it."""

    demand: Demand
    is_optional: bool = False
    person: User | None = None


@dataclass(frozen=True)
class Crew:
    """All places of an event, the leader's first."""

    places: tuple[Place, ...] = ()

    @property
    def leader(self) -> User | None:
        """The person on the first place."""
        return self.places[0].person if self.places else None

    @property
    def is_full(self) -> bool:
        """Everything is filled; false without places."""
        return bool(self.places) and all(place.person for place in self.places)


def crew_of(row: SheetEvent, demands: Demands, directory: Directory, notes: RowNotes) -> Crew:
    """Return the places that the size of the crew asks for, filled in the order of signing up.

    A place whose name means nobody stays empty; names beyond the last place are dropped with a doubt. An event
    without a start, or a cancelled one, has no places.
    """
    if row.cancelled or row.time_missing:
        if row.crew:
            notes.doubt(_("The event has no positions, so nobody is signed up: %s") % ", ".join(row.crew))
        return Crew()
    seats = _Seating(directory, notes)
    leader = seats.leader(row)
    novices = [False, True] if len(row.crew) <= SMALL_CREW else [False] * len(row.signups)
    for name in row.signups[len(novices) :]:
        notes.doubt(_("There is no place left for %s.") % name)
    filled = zip_longest(novices, row.signups[: len(novices)])
    return Crew(
        (
            Place(demands.medic, person=leader),
            *(Place(demands.novice, bool(flag), seats.person(name) if name else None) for flag, name in filled),
        )
    )


class _Seating:
    """Names turned into people, each of whom gets one place only."""

    def __init__(self, directory: Directory, notes: RowNotes) -> None:
        self._directory, self._notes = directory, notes
        self._seated: set[Any] = set()

    def leader(self, row: SheetEvent) -> User | None:
        """Return who was chosen to lead, or whom the name means."""
        chosen = self._directory.with_key(row.leader)
        if chosen is not None:
            self._seated.add(chosen.pk)
            return chosen
        return self.person(row.responsible_person) if row.responsible_person else None

    def person(self, name: str) -> User | None:
        """Return whom the name means; otherwise None, with the doubt."""
        found = self._directory.find(name)
        if found.person is None:
            self._notes.doubt(_AMBIGUOUS % name if found.ambiguous else _UNKNOWN % name)
            return None
        if found.person.pk in self._seated:
            self._notes.doubt(_TWICE % {"written": name, "known": found.person.name})
            return None
        if found.approximate:
            self._notes.doubt(_TAKEN_FOR % {"written": name, "known": found.person.name})
        self._seated.add(found.person.pk)
        return found.person


# Said before an import as well as after it.
_AMBIGUOUS = _("More than one person is called %s; nobody is signed up.")
_UNKNOWN = _("%s has no account and is not signed up.")
_TWICE = _("%(written)s is %(known)s, who is signed up already.")
_TAKEN_FOR = _("%(written)s is taken for %(known)s.")


#: Set by ourselves from rows that exist; asking the database whether they do would only cost time.
_UNCHECKED = {"master_event", "creator", "responsible_person"}


@dataclass(frozen=True)
class Plan:
    """An event to be created with its positions and assignments; nothing of it is stored."""

    event: Event
    crew: Crew


def plan(row: SheetEvent, setting: Setting, notes: RowNotes) -> Plan:
    """Decide everything about one event."""
    for sentence, clock in clock_doubts(row.day, row.start_time, row.end_time, setting.zone):
        notes.doubt(sentence % {"time": f"{clock:%H:%M}"})
    crew = crew_of(row, setting.demands, setting.directory, notes)
    event = _event(row, crew, setting)
    event.responsible_person = _leader(event, crew.leader, setting, notes)
    return Plan(event, crew)


def bring_in(row: SheetEvent, setting: Setting, notes: RowNotes) -> Event:
    """Create one event with its positions and people.

    Raises ValidationError, DataError or IntegrityError when it cannot be kept; the caller's savepoint undoes it.
    """
    planned = plan(row, setting, notes)
    event = planned.event
    event.clean_fields(exclude=_UNCHECKED)
    with audit.trail(by=setting.by, kind="import", summary=audit.sentence(_("Event imported: %s"), event.name)):
        event.save()
    with audit.trail(by=setting.by, kind="import"):
        _write_places(planned, setting)
    notes.count(event.status)
    notes.count("assignments", sum(place.person is not None for place in planned.crew.places))
    notes.created(f"{date_time(event.start, setting.zone)}  {event.get_status_display()}")
    return event


def _event(row: SheetEvent, crew: Crew, setting: Setting) -> Event:
    start, end = span(row.day, row.start_time, row.end_time, setting.zone)
    over = end <= setting.at
    status = _status(row, crew, over=over)
    return Event(
        name=row.name,
        master_event=setting.masters.of(row),
        start=start,
        end=end,
        address=row.location,
        contact=row.contact_person,
        description=row.description,
        is_paid=row.paid,
        creator=setting.by,
        status=status,
        capacity_closed=status == Status.CLOSED,
        is_archived=row.cancelled,
        actual_start=start if over else None,
        actual_end=end if over else None,
    )


def _status(row: SheetEvent, crew: Crew, *, over: bool) -> Status:
    if row.cancelled:
        return Status.CANCELLED
    if over:
        return Status.COMPLETED
    return Status.CLOSED if crew.is_full else Status.DRAFT


def _leader(event: Event, leader: User | None, setting: Setting, notes: RowNotes) -> User | None:
    """Return who leads: what has happened is kept as it was, for what is to come the person must be qualified."""
    if leader is None or event.is_final or setting.can_lead(event, leader):
        return leader
    notes.doubt(_("%s is not qualified to be the responsible person.") % leader.name)
    return None


def _write_places(plan: Plan, setting: Setting) -> None:
    """Create the positions of an event and put people on them, each sort of rows in one statement."""
    placed = [(_position(plan.event, place), place) for place in plan.crew.places]
    Position.objects.bulk_create([position for position, _place in placed])
    through: Any = Position.qualifications.through
    through.objects.bulk_create(
        through(position=position, qualification=place.demand.qualification)
        for position, place in placed
        if place.demand.qualification is not None
    )
    assignments = {position.pk: _assignment(position, place, setting) for position, place in placed if place.person}
    Assignment.objects.bulk_create(assignments.values())
    for position, place in placed:
        _record(position, place, assignments.get(position.pk))


def _position(event: Event, place: Place) -> Position:
    return Position(event=event, description=place.demand.title, is_optional=place.is_optional)


def _assignment(position: Position, place: Place, setting: Setting) -> Assignment:
    return Assignment(
        event=position.event,
        position=position,
        person=place.person,
        assigned_by=setting.by,
        assigned_at=setting.at,
    )


def _record(position: Position, place: Place, assignment: Assignment | None) -> None:
    audit.created([position])
    if place.demand.qualification is not None:
        audit.related(position, "qualifications", [place.demand.qualification])
    if assignment is not None:
        audit.created([assignment])
