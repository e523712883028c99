"""iCalendar files: rows in, the text of a file out.

Pure: asks neither the database nor the clock, and expects rows that carry what is read here
(`AssignmentQuerySet.in_order_of_duty`, `EventQuerySet.with_crew`, `with_staffing` and `with_master_and_leader`).
Words are in the active language; the library does the escaping.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, timedelta
from typing import Any

import icalendar
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from events.models import Assignment, Event, Position
from events.rules.lifecycle import Status
from events.rules.staffing import ConditionStaffing

#: How often a calendar is advised to ask again.
REFRESH = timedelta(hours=4)
_REFRESH_TEXT = "PT4H"

_END = b"END:VCALENDAR"

#: How certain an event is; whatever is not named here will take place.
_STATUS: dict[str, str] = {Status.DRAFT: "TENTATIVE", Status.CANCELLED: "CANCELLED"}

#: Gives the whole address of an event's page.
Link = Callable[[Event], str]


def own_duties(owner: Any, duties: Iterable[Assignment], *, zone: str, link: Link) -> bytes:
    """Return the calendar of the person's duties; `zone` is the name of the site's time zone."""
    calendar = _calendar(
        f"MedCover – {owner.name}",
        _("Events in MedCover for which %s is signed up") % owner.name,
        zone,
    )
    return _filled(calendar, (_entry(duty.event, _about_duty(duty, link(duty.event)), link) for duty in duties))


def all_events(owner: Any, events: Iterable[Event], *, zone: str, link: Link) -> bytes:
    """Return the calendar of all given events with their staffing."""
    calendar = _calendar(
        _("MedCover – all events (%s)") % owner.name,
        _("All published events in MedCover with their staffing"),
        zone,
    )
    return _filled(calendar, (_entry(event, _about_event(event, link(event)), link) for event in events))


def _filled(calendar: icalendar.Calendar, entries: Iterable[icalendar.Event]) -> bytes:
    """Return the calendar with the entries, each written and forgotten: years of them would fill the memory."""
    head, end = bytes(calendar.to_ical()).rsplit(_END, 1)
    return b"".join([head, *(entry.to_ical() for entry in entries), _END, end])


def _calendar(name: str, description: str, zone: str) -> icalendar.Calendar:
    """An empty calendar; the X- properties say the same once more to clients that know only those."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//MedCover//MedCover//CS")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    for key in ("name", "x-wr-calname"):
        calendar.add(key, icalendar.vText(_clean(name)))
    for key in ("description", "x-wr-caldesc"):
        calendar.add(key, icalendar.vText(_clean(description)))
    calendar.add("x-wr-timezone", zone)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", _REFRESH_TEXT)
    return calendar


def _entry(event: Event, description: str, link: Link) -> icalendar.Event:
    """One event; the same identity in both feeds, so that a client never shows it twice."""
    entry = icalendar.Event()
    entry.add("uid", f"event-{event.pk}@medcover")
    entry.add("dtstamp", event.updated.astimezone(UTC))
    entry.add("last-modified", event.updated.astimezone(UTC))
    entry.add("sequence", event.version)
    entry.add("status", _STATUS.get(event.status, "CONFIRMED"))
    entry.add("summary", _clean(event.name))
    entry.add("dtstart", event.start.astimezone(UTC))
    entry.add("dtend", event.end.astimezone(UTC))
    if event.address:
        entry.add("location", _clean(event.address))
    entry.add("url", link(event))
    entry.add("description", _clean(description))
    return entry


def _about_duty(duty: Assignment, address: str) -> str:
    place = duty.position.description if duty.position else ""
    parts = [pgettext("calendar", "Position: %s") % place if place else "", duty.event.description, _details(address)]
    return "\n".join(part for part in parts if part)


def _about_event(event: Event, address: str) -> str:
    leader = event.responsible_person.name if event.responsible_person else pgettext("calendar", "nobody")
    parts = [
        _("Status: %s") % event.get_status_display(),
        _("Responsible person: %s") % leader,
        *_staffing(event),
        event.description,
        _details(address),
    ]
    return "\n".join(part for part in parts if part)


def _details(address: str) -> str:
    return _("Details of the event: %s") % address


def _staffing(event: Event) -> Iterator[str]:
    """The places and who is on them; where there are no places, the people and how far they cover what is needed."""
    staffing = event.staffing
    if isinstance(staffing, ConditionStaffing):
        yield _("Participants:")
        yield from (f"- {person.name}" for person in event.participants)
        yield _("Conditions:")
        yield from (f"- {row.name}: {row.covered}/{row.minimum}" for row in staffing.rows)
    else:
        yield _("Positions:")
        yield from (_place(position) for position in event.positions.all())


def _place(position: Position) -> str:
    demanded = [row.name for row in position.qualifications.all() if not row.is_deleted]
    what = f"{position} [{', '.join(demanded)}]" if demanded else str(position)
    who = position.occupant.name if position.occupant else pgettext("calendar", "vacant")
    return f"- {what} → {who}"


def _clean(text: str) -> str:
    """Return the text without control characters, which the format does not know; line breaks stay."""
    return "".join(char for char in text if char in "\r\n\t" or unicodedata.category(char) != "Cc")
