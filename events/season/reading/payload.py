"""The JSON form of a season: what the spreadsheet becomes when it travels as text.

Version 2 is an object {"version": 2, "users": […], "events": […]}, version 1 a bare list of events. Keys: see
`payload_of`, which writes the form; `read_payload` reads it into the same records as the spreadsheet.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django.utils.translation import gettext_lazy as _

from events.season.reading.cells import plausible
from events.season.reading.people import clean_email, clean_phone, crew_of, is_name
from events.season.reading.records import (
    ADDRESS_LENGTH,
    CONTACT_LENGTH,
    NAME_LENGTH,
    DoubtKind,
    Findings,
    InvalidRows,
    Place,
    Season,
    SheetEvent,
    SheetPerson,
)
from medcover.common.errors import UnreadableSource
from medcover.common.text import tidy, tidy_lines

VERSION = 2
EVENTS, USERS = "events", "users"
MAX_CHARACTERS = 5_000_000
MAX_ENTRIES = 5_000

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)


def read_payload(text: str | bytes) -> Season:
    """Read the JSON form.

    Raises UnreadableSource when the text is no JSON or not of this form, and InvalidRows, which lists every reason of
    every row, when any event is not valid. A person without a name is left out with a remark. Names of events are
    taken as they are.
    """
    events, users = _lists(_decoded(text))
    findings = Findings()
    read = [_Entry(entry, findings.at(EVENTS, row)).event() for row, entry in enumerate(events, start=1)]
    if findings.skipped:
        raise InvalidRows(_("Some events are not valid, so nothing was imported."), tuple(findings.skipped))
    people = [_Entry(entry, findings.at(USERS, row)).person() for row, entry in enumerate(users, start=1)]
    return Season(
        events=tuple(event for event in read if event is not None),
        people=tuple(person for person in people if person is not None),
        skipped=tuple(findings.skipped),
        doubts=tuple(findings.doubts),
    )


def payload_of(season: Season) -> dict[str, object]:
    """Return the season as version 2 of the JSON form, ready for `json.dumps`."""
    return {
        "version": VERSION,
        USERS: [_user_entry(person) for person in season.people],
        EVENTS: [_event_entry(event) for event in season.events],
    }


def _user_entry(person: SheetPerson) -> dict[str, object]:
    return {
        "gs_name": person.gs_name,
        "name": person.name,
        "email": person.email or None,
        "phone": person.phone or None,
        "is_zdravotnik": person.is_medic,
        "is_ridic": person.is_driver,
    }


def _event_entry(event: SheetEvent) -> dict[str, object]:
    return {
        "name": event.name,
        "date": event.day.isoformat(),
        "start_time": f"{event.start_time:%H:%M}" if event.start_time else None,
        "end_time": f"{event.end_time:%H:%M}" if event.end_time else None,
        "location": event.location or None,
        "contact_person": event.contact_person or None,
        "responsible_person": event.responsible_person or None,
        "description": event.description,
        "paid": event.paid,
        "time_missing": event.time_missing,
        "cancelled": event.cancelled,
        "signups": list(event.signups),
    }


def _decoded(text: str | bytes) -> object:
    if len(text) > MAX_CHARACTERS:
        raise UnreadableSource(_("The text is too long."))
    try:
        return json.loads(text.decode("utf-8-sig") if isinstance(text, bytes) else text)
    except json.JSONDecodeError as fault:
        where = _("line %(line)d, column %(column)d") % {"line": fault.lineno, "column": fault.colno}
        raise UnreadableSource(_("Invalid JSON: %(reason)s") % {"reason": where}) from fault
    except (ValueError, RecursionError) as fault:
        reason = _("the text cannot be decoded")
        raise UnreadableSource(_("Invalid JSON: %(reason)s") % {"reason": reason}) from fault


def _lists(data: object) -> tuple[list[object], list[object]]:
    events, users = (data, []) if isinstance(data, list) else _lists_of_version_2(data)
    if len(events) + len(users) > MAX_ENTRIES:
        raise UnreadableSource(_("The text holds too many entries."))
    return events, users


def _lists_of_version_2(data: object) -> tuple[list[object], list[object]]:
    if not isinstance(data, dict) or type(data.get("version")) is not int or data["version"] != VERSION:
        raise _wrong_form(_("expected a list of events, or an object of version 2"))
    events, users = data.get(EVENTS), data.get(USERS, [])
    if not isinstance(events, list) or not isinstance(users, list):
        raise _wrong_form(_("“events” and “users” must be lists"))
    return events, users


def _wrong_form(reason: object) -> UnreadableSource:
    return UnreadableSource(_("Invalid JSON structure: %(reason)s") % {"reason": reason})


@dataclass(frozen=True)
class _Entry:
    """One entry of a list. Whatever makes it invalid is remarked as a reason to leave it out."""

    data: Any
    place: Place

    def event(self) -> SheetEvent | None:
        """Return the event, or None when anything about it is not valid; every reason is remarked."""
        if not self._is_object():
            return None
        name, day = self._name(), self._day()
        start, end = self._time("start_time"), self._time("end_time")
        lead, signups = crew_of(self._text("responsible_person"), self._signups(), self.place)
        paid, missing, cancelled = (bool(self._flag(key)) for key in ("paid", "time_missing", "cancelled"))
        location = self.place.fit(self._text("location"), ADDRESS_LENGTH)
        contact = self.place.fit(self._text("contact_person"), CONTACT_LENGTH)
        description = self._lines("description")
        if day is None or self.place.left_out:
            return None
        # Without a start nobody can tell when the positions are to be filled.
        time_missing = missing or start is None
        if time_missing:
            self.place.doubt(DoubtKind.START_MISSING)
        return SheetEvent(
            row=self.place.row,
            name=name,
            day=day,
            start_time=start,
            end_time=end,
            location=location,
            contact_person=contact,
            responsible_person=lead,
            description=description,
            paid=paid,
            time_missing=time_missing,
            cancelled=cancelled,
            signups=signups,
        )

    def person(self) -> SheetPerson | None:
        """Return the person, or None, with a remark, when the entry names nobody or is not valid."""
        if not self._is_object():
            return None
        written = self._text("gs_name") or self._text("name")
        if not is_name(written):
            self.place.skip(DoubtKind.PERSON_NAMELESS, written)
        person = SheetPerson(
            row=self.place.row,
            gs_name=self.place.fit(written, NAME_LENGTH),
            name=self.place.fit(self._text("name") or written, NAME_LENGTH),
            email=clean_email(self._text("email"), self.place),
            phone=clean_phone(self._text("phone"), self.place),
            is_medic=self._flag("is_zdravotnik"),
            is_driver=self._flag("is_ridic"),
        )
        return None if self.place.left_out else person

    def _is_object(self) -> bool:
        if not isinstance(self.data, Mapping):
            self.place.skip(DoubtKind.NOT_AN_OBJECT)
            return False
        return True

    def _raw_text(self, key: str) -> str:
        value = self.data.get(key)
        if value is None or isinstance(value, str):
            return value or ""
        self.place.skip(DoubtKind.TEXT_EXPECTED, key)
        return ""

    def _text(self, key: str) -> str:
        return tidy(self._raw_text(key))

    def _lines(self, key: str) -> str:
        return tidy_lines(self._raw_text(key))

    def _name(self) -> str:
        name = self._text("name")
        if not name:
            self.place.skip(DoubtKind.NAME_MISSING)
        return self.place.fit(name, NAME_LENGTH)

    def _day(self) -> date | None:
        written = self._text("date")
        if not written:
            self.place.skip(DoubtKind.DATE_MISSING)
            return None
        try:
            if not _DATE.fullmatch(written):
                raise ValueError(written)
            return plausible(date.fromisoformat(written))
        except ValueError:
            self.place.skip(DoubtKind.DATE_UNREADABLE, written)
            return None

    def _time(self, key: str) -> time | None:
        written = self._text(key)
        if not written:
            return None
        found = _TIME.fullmatch(written)
        if found is None or int(found[1]) > 23 or int(found[2]) > 59:
            self.place.skip(DoubtKind.TIME_UNREADABLE, written)
            return None
        return time(int(found[1]), int(found[2]))

    def _flag(self, key: str) -> bool | None:
        value = self.data.get(key)
        if value is None or isinstance(value, bool):
            return value
        self.place.skip(DoubtKind.FLAG_EXPECTED, key)
        return None

    def _signups(self) -> list[str]:
        names = self.data.get("signups")
        if names is not None and not isinstance(names, list):
            self.place.skip(DoubtKind.LIST_EXPECTED, "signups")
            return []
        return [tidy(name) for name in names or () if isinstance(name, str) and name.strip()]
