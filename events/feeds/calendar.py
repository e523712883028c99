"""iCalendar files: rows in, the text of a file out.

Pure: asks neither the database nor the clock, and expects rows that carry what is read here
(`AssignmentQuerySet.in_order_of_duty`, `querysets.feeds.read_announced`). Words are in the active language. The head of
a calendar is written by the library, the entries, of which there may be thousands, by `content_lines`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any

import icalendar
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from events.feeds.content_lines import clean, content_line, text_line, utc
from events.models import Assignment, Event
from events.querysets.feeds import FeedPlace
from events.rules.lifecycle import Status

#: How often a calendar is advised to ask again.
REFRESH = timedelta(hours=4)
_REFRESH_TEXT = "PT4H"

_BEGIN_ENTRY, _END_ENTRY, _END = b"BEGIN:VEVENT\r\n", b"END:VEVENT\r\n", b"END:VCALENDAR"

#: How certain an event is; whatever is not named here will take place.
_STATUS: dict[str, str] = {Status.DRAFT: "TENTATIVE", Status.CANCELLED: "CANCELLED"}

#: Gives the whole address of an event's page by its key.
Link = Callable[[int], str]


def own_duties(owner: Any, duties: Iterable[Assignment], *, zone: str, link: Link) -> bytes:
    """Return the calendar of the person's duties; `zone` is the name of the site's time zone."""
    calendar = _calendar(
        f"MedCover – {owner.name}",
        _("Events in MedCover for which %s is signed up") % owner.name,
        zone,
    )
    return _filled(calendar, (_entry(duty.event, _about_duty(duty), link) for duty in duties))


def all_events(owner: Any, events: Iterable[Event], *, zone: str, link: Link) -> bytes:
    """Return the calendar of all given events with their staffing."""
    calendar = _calendar(
        _("MedCover – all events (%s)") % owner.name,
        _("All published events in MedCover with their staffing"),
        zone,
    )
    describe = _Describer()
    return _filled(calendar, (_entry(event, describe.event(event), link) for event in events))


def _filled(calendar: icalendar.Calendar, entries: Iterable[bytes]) -> bytes:
    head, end = bytes(calendar.to_ical()).rsplit(_END, 1)
    # Not joined: then all entries, of which there may be thousands, would lie in memory twice.
    written = bytearray(head)
    for entry in entries:
        written += entry
    return bytes(written + _END + end)


def _calendar(name: str, description: str, zone: str) -> icalendar.Calendar:
    """An empty calendar; the X- properties say the same once more to clients that know only those."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//MedCover//MedCover//CS")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    for key in ("name", "x-wr-calname"):
        calendar.add(key, icalendar.vText(clean(name)))
    for key in ("description", "x-wr-caldesc"):
        calendar.add(key, icalendar.vText(clean(description)))
    calendar.add("x-wr-timezone", zone)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", _REFRESH_TEXT)
    return calendar


def _entry(event: Event, parts: Iterable[str], link: Link) -> bytes:
    """One event; the same identity in both feeds, so that a client never shows it twice."""
    address, updated = link(event.pk), utc(event.updated)
    described = [*filter(None, parts), _("Details of the event: %s") % address]
    # In the order in which the library writes them, which the tests read it with.
    return b"".join((
        _BEGIN_ENTRY,
        text_line("SUMMARY", event.name),
        content_line("DTSTART", utc(event.start)),
        content_line("DTEND", utc(event.end)),
        content_line("DTSTAMP", updated),
        content_line("UID", f"event-{event.pk}@medcover"),
        content_line("SEQUENCE", str(event.version)),
        text_line("DESCRIPTION", "\n".join(described)),
        content_line("LAST-MODIFIED", updated),
        text_line("LOCATION", event.address) if event.address else b"",
        content_line("STATUS", _STATUS.get(event.status, "CONFIRMED")),
        content_line("URL", address),
        _END_ENTRY,
    ))  # fmt: skip


def _about_duty(duty: Assignment) -> Iterator[str]:
    if duty.position and duty.position.description:
        yield pgettext("calendar", "Position: %s") % duty.position.description
    yield duty.event.description


class _Describer:
    """Says who is on an event; its words are looked up once for all events."""

    def __init__(self) -> None:
        self._status = {status: _("Status: %s") % status.label for status in Status}
        self._leader, self._nobody = _("Responsible person: %s"), pgettext("calendar", "nobody")
        self._participants, self._conditions, self._positions = _("Participants:"), _("Conditions:"), _("Positions:")
        self._position, self._vacant = _("Position"), pgettext("calendar", "vacant")

    def event(self, event: Any) -> Iterator[str]:
        """Yield the lines about an event."""
        yield self._status[event.status]
        yield self._leader % (event.leader_name or self._nobody)
        yield from self._by_conditions(event) if event.by_conditions else self._by_positions(event)
        yield event.description

    def _by_conditions(self, event: Any) -> Iterator[str]:
        """Where there are no places, the people and how far they cover what is needed."""
        yield self._participants
        yield from (f"- {person.name}" for person in event.conditions_read.people)
        yield self._conditions
        yield from (f"- {row.name}: {row.covered}/{row.minimum}" for row in event.staffing.rows)

    def _by_positions(self, event: Any) -> Iterator[str]:
        yield self._positions
        yield from map(self._place, event.feed_places)

    def _place(self, place: FeedPlace) -> str:
        demanded = f" [{', '.join(place.demanded)}]" if place.demanded else ""
        return f"- {place.description or self._position}{demanded} → {place.occupant or self._vacant}"
