"""The events of a season: times made whole, places by the size of the crew, people put on them, nobody told."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from events.importing.records import SheetEvent
from events.models import Assignment, Event, Position
from events.rules.lifecycle import Status
from events.services import responsible
from events.services.season.crew import Crew, Place, crew_of
from events.services.season.report import RowNotes
from events.services.season.setting import Setting
from events.services.season.times import clock_doubts, span
from medcover.common.formats import date_time
from medcover.system import audit
from roster.models import User

#: Set by ourselves from rows that exist; asking the database whether they do would only cost time.
_UNCHECKED = {"master_event", "creator", "responsible_person"}


def bring_in(row: SheetEvent, setting: Setting, notes: RowNotes) -> Event:
    """Create one event with its positions and people.

    Raises ValidationError, DataError or IntegrityError when it cannot be kept; the caller's savepoint undoes it.
    """
    for sentence, clock in clock_doubts(row.day, row.start_time, row.end_time, setting.zone):
        notes.doubt(sentence % {"time": f"{clock:%H:%M}"})
    crew = crew_of(row, setting.managed, setting.directory, notes)
    event = _event(row, crew, setting)
    event.responsible_person = _leader(event, crew.leader, notes)
    event.clean_fields(exclude=_UNCHECKED)
    with audit.trail(by=setting.by, kind="import", summary=audit.sentence(_("Event imported: %s"), event.name)):
        event.save()
    with audit.trail(by=setting.by, kind="import"):
        for place in crew.places:
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
        master_event=setting.master,
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


def _leader(event: Event, leader: User | None, notes: RowNotes) -> User | None:
    """Return who leads: what has happened is kept as it was, for what is to come the person must be qualified."""
    if leader is None or event.is_final or responsible.can_lead(event, leader):
        return leader
    notes.doubt(_("%s is not qualified to be the responsible person.") % leader.name)
    return None


def _furnish(event: Event, place: Place, setting: Setting, notes: RowNotes) -> None:
    position = Position(event=event, description=place.qualification.name, is_optional=place.is_optional)
    position.save()
    position.qualifications.set([place.qualification])
    if place.person is not None:
        Assignment.objects.create(
            event=event,
            position=position,
            person=place.person,
            assigned_by=setting.by,
            assigned_at=setting.at,
        )
        notes.count("assignments")
