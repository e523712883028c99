"""The events of a season: times made whole, positions by the size of the crew, people put on them.

What a sheet records has happened or been agreed already, so neither eligibility nor overlaps are checked and
nobody is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from django.utils.translation import gettext_lazy as _

from events.importing.records import SheetEvent
from events.models import Assignment, Event, MasterEvent, Position
from events.rules.lifecycle import Status
from events.services import responsible
from events.services.season.people import Directory, Managed
from events.services.season.report import Remark, SeasonReport
from medcover.system import audit
from roster.models import User

#: A crew of up to this many people gets the small plan with one optional place.
SMALL_CREW = 3
DEFAULT_LENGTH = timedelta(hours=2)


@dataclass(frozen=True)
class Setting:
    """What all events of one import share."""

    master: MasterEvent
    managed: Managed
    directory: Directory
    report: SeasonReport
    zone: tzinfo
    by: Any
    at: datetime


def exists_already(row: SheetEvent, zone: tzinfo) -> bool:
    """Say whether an event of this name stands on this local day, archived ones included."""
    midnight = datetime.combine(row.day, datetime.min.time(), tzinfo=zone)
    tomorrow = datetime.combine(row.day + timedelta(days=1), datetime.min.time(), tzinfo=zone)
    return Event.objects.filter(name=row.name, start__gte=midnight, start__lt=tomorrow).exists()


def bring_in(row: SheetEvent, setting: Setting) -> Event:
    """Create one event with its positions and people."""
    start, end = times_of(row, setting.zone)
    over = end <= setting.at
    event = Event(
        name=row.name,
        master_event=setting.master,
        start=start,
        end=end,
        address=row.location,
        contact=row.contact_person,
        description=row.description,
        is_paid=row.paid,
        creator=setting.by,
        status=_status(row, over=over),
        is_archived=row.cancelled,
        actual_start=start if over else None,
        actual_end=end if over else None,
    )
    with audit.trail(by=setting.by, kind="import", summary=_("Event imported: %s") % event.name):
        event.save()
        if not (row.time_missing or row.cancelled):
            _staff(event, row, setting)
    return event


def times_of(row: SheetEvent, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return start (default midnight) and end (default two hours later, the next day if not after the start)."""
    start = datetime.combine(row.day, row.start_time or datetime.min.time(), tzinfo=zone)
    if row.end_time is None:
        return start, start + DEFAULT_LENGTH
    end = datetime.combine(row.day, row.end_time, tzinfo=zone)
    return start, end if end > start else datetime.combine(row.day + timedelta(days=1), row.end_time, tzinfo=zone)


def _status(row: SheetEvent, *, over: bool) -> Status:
    if row.cancelled:
        return Status.CANCELLED
    return Status.COMPLETED if over else Status.DRAFT


def _staff(event: Event, row: SheetEvent, setting: Setting) -> None:
    medic_place, novice_places = _places(event, row, setting.managed)
    leader = _known(row, row.responsible_person, setting) if row.responsible_person else None
    if leader is not None:
        _place(event, medic_place, leader, setting)
    for name, place in zip(row.signups, [*novice_places, *[None] * len(row.signups)], strict=False):
        _sign_up(event, row, name, place, setting)
    _settle(event, row, leader, setting)


def _places(event: Event, row: SheetEvent, managed: Managed) -> tuple[Position, list[Position]]:
    """Create one place for a medic and the places for novices that the size of the crew asks for."""
    small = len(row.crew) <= SMALL_CREW
    optional = [False, True] if small else [False] * len(row.signups)
    medic = _position(event, managed.medic, is_optional=False)
    return medic, [_position(event, managed.novice, is_optional=flag) for flag in optional]


def _position(event: Event, qualification: Any, *, is_optional: bool) -> Position:
    position = Position.objects.create(event=event, description=qualification.name, is_optional=is_optional)
    position.qualifications.set([qualification])
    return position


def _sign_up(event: Event, row: SheetEvent, name: str, place: Position | None, setting: Setting) -> None:
    """Put a named person on the place; a place whose name is unknown stays empty."""
    if place is None:
        _doubt(row, setting, _("There was no place left for %s.") % name)
        return
    person = _known(row, name, setting)
    if person is not None:
        _place(event, place, person, setting)


def _known(row: SheetEvent, name: str, setting: Setting) -> User | None:
    match = setting.directory.match(name)
    if match.ambiguous:
        _doubt(row, setting, _("More than one person is called %s; nobody was signed up.") % name)
    elif not match.found:
        _doubt(row, setting, _("%s is not known; nobody was signed up.") % name)
    elif match.approximate:
        person = setting.directory.person(name)
        _doubt(row, setting, _("%(written)s was taken for %(known)s.") % {"written": name, "known": person})
    return setting.directory.person(name)


def _place(event: Event, position: Position, person: User, setting: Setting) -> None:
    _assignment, created = Assignment.objects.get_or_create(
        event=event,
        person=person,
        defaults={"position": position, "assigned_by": setting.by, "assigned_at": setting.at},
    )
    setting.report.counts["assignments"] += created


def _settle(event: Event, row: SheetEvent, leader: User | None, setting: Setting) -> None:
    """Name the responsible person where that is allowed, and close a coming event that is full."""
    if leader is not None and (event.is_final or responsible.can_lead(event, leader)):
        event.responsible_person = leader
    elif leader is not None:
        _doubt(row, setting, _("%s is not qualified to be the responsible person.") % leader.name)
    if not event.is_final and event.staffing_of_now().is_full:
        event.status, event.capacity_closed = Status.CLOSED, True
    event.save()


def _doubt(row: SheetEvent, setting: Setting, message: Any) -> None:
    setting.report.doubtful.append(Remark(row.row, row.name, message))
