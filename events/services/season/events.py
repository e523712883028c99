"""The events of a season: times made whole, places by the size of the crew, people put on them, nobody told."""

from __future__ import annotations

from dataclasses import dataclass

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
        for place in planned.crew.places:
            _furnish(event, place, setting, notes)
    notes.count(event.status)
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


def _furnish(event: Event, place: Place, setting: Setting, notes: RowNotes) -> None:
    position = Position(event=event, description=place.demand.title, is_optional=place.is_optional)
    position.save()
    if place.demand.qualification is not None:
        position.qualifications.add(place.demand.qualification)
    if place.person is not None:
        Assignment.objects.create(
            event=event,
            position=position,
            person=place.person,
            assigned_by=setting.by,
            assigned_at=setting.at,
        )
        notes.count("assignments")
