"""The events of a season: times made whole, places by the size of the crew, people put on them, nobody told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from events.importing.records import SheetEvent
from events.models import Assignment, Event, Position
from events.rules.lifecycle import Status
from events.services.season.crew import Crew, Place, crew_of
from events.services.season.report import RowNotes
from events.services.season.setting import Setting
from events.services.season.times import clock_doubts, span
from medcover.common.formats import date_time
from medcover.system import audit
from roster.models import User

#: Set by ourselves from rows that exist; asking the database whether they do would only cost time.
_UNCHECKED = {"master_event", "creator", "responsible_person"}


@dataclass(frozen=True)
class Plan:
    """An event as it is going to be, and who is going to stand where; nothing of it is stored."""

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
    # So that the record, which asks for whoever stands on the position, knows without a query.
    field: Any = Position._meta.get_field("assignment")
    field.set_cached_value(position, None)
    audit.created([position])
    if place.demand.qualification is not None:
        audit.related(position, "qualifications", [place.demand.qualification])
    if assignment is not None:
        audit.created([assignment])
