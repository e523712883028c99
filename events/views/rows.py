"""Rows of event lists: an event and its reader's way onto it, as plain values for a template."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _

from events import policies
from events.models import Event, Position
from events.models.event import event_url
from events.rules.lifecycle import Status
from events.templatetags import badges
from events.templatetags.planning import short_day
from medcover.common import formats


@dataclass(frozen=True)
class Join:
    """The way onto an event: a form to post, or a link to the choice between several places."""

    url: str
    label: str  # for screen readers, where many such buttons stand below each other
    is_choice: bool = False


@dataclass(frozen=True)
class Row:
    """One event of a list, and what its reader could take: free places, or a seat where there are no places."""

    event: Any
    places: list[Position]
    has_seat: bool
    next_url: str

    @property
    def url(self) -> str:
        """The page of the event."""
        return event_url(self.event.pk)

    @property
    def join(self) -> Join | None:
        """A button when there is a seat or exactly one free place fits, a link when several do."""
        name = self.event.name
        if self.has_seat:
            url = _url("events:signup", self.event.pk)
            return Join(url, _("Sign up for %(event)s") % {"event": name})
        if len(self.places) == 1:
            words = {"event": name, "position": self.places[0]}
            url = _url("events:claim", self.places[0].pk)
            return Join(url, _("Sign up for %(event)s, position %(position)s") % words)
        if self.places:
            url = f"{_url('events:join', self.event.pk)}?next={quote(self.next_url, safe='')}"
            return Join(url, _("Sign up for %(event)s, choose a position") % {"event": name}, is_choice=True)
        return None


@dataclass(frozen=True)
class Opening:
    """An event that looks for people: for what, and its reader's way onto it."""

    row: Row
    wanted: Iterable[tuple[str, int]]  # free positions or missing qualifications, and how many there are of each


#: What `jinja2/events/row.html` shows of a row, each a plain value: a page has seventy rows, and everything that is
#: worked out while they are drawn is worked out seventy times.
Cells = dict[str, Any]


@dataclass(frozen=True)
class Group:
    """Rows of a list that belong together, and the day above them, empty where they are in another order."""

    rows: list[Cells]
    heading: str = ""


def cells_of(row: Row, reader: Any) -> Cells:
    """Return what the template of a row shows."""
    event = row.event
    is_cancelled = event.status == Status.CANCELLED
    leader, master, zone = event.responsible_person, event.master_event, timezone.get_current_timezone()
    return {
        "pk": str(event.pk),
        "css": _classes(event, is_cancelled=is_cancelled),
        "is_cancelled": is_cancelled,
        "url": row.url,
        "name": event.name,
        "master": "" if master.is_general else master.name,
        "badges": badges.name_badges(event),
        "equipment": event.planned_equipment,
        "date": formats.date_figures(event.start.astimezone(zone)),
        "time": formats.event_time(event.start, event.end, reader.event_time_format, zone),
        "status": badges.status_badge(event.status),
        "staffing": "—" if is_cancelled else badges.staffing_badge(event.staffing),
        "leader": leader.name if leader else "",
        # Drafts and cancelled events need nobody yet or any more.
        "lacks_leader": leader is None and event.status not in (Status.DRAFT, Status.CANCELLED),
        "is_mine": event.is_mine,
        "join": row.join,
    }


#: What `jinja2/events/lines.html` and `openings.html` show of an event in a panel, as plain values.
Line = dict[str, Any]


def line_of(event: Any, reader: Any) -> Line:
    """Return what the template of a panel's line shows."""
    leader, readiness = event.responsible_person, event.readiness
    shown = [
        badges.status_badge(event.status),
        badges.staffing_badge(event.staffing, bare=readiness),
        badges.name_badges(event),
    ]
    return {
        **_line(event, reader, shown),
        "leads": event.responsible_person_id == reader.pk,
        "leader": leader.name if leader else "",
        "light": badges.readiness_light(readiness),
        "reasons": readiness.reasons if readiness else (),
    }


def opening_line(row: Row, wanted: Iterable[tuple[str, int]], reader: Any) -> Line:
    """Return what `jinja2/events/openings.html` shows of an event that looks for people: whom, and the way onto it."""
    event = row.event
    figures = badges.staffing_badge(event.staffing, bare=True) if event.by_conditions else ""
    return {**_line(event, reader, [figures, badges.name_badges(event)]), "wanted": wanted, "join": row.join}


def _line(event: Any, reader: Any, shown: Iterable[str]) -> Line:
    """When, what and where, with the badges behind the name."""
    zone, master = timezone.get_current_timezone(), event.master_event
    return {
        "tint": _tint(event),
        "day": short_day(event.start),
        "hours": formats.event_hours(event.start, event.end, reader.event_time_format, zone),
        "url": event_url(event.pk),
        "name": event.name,
        "master": "" if master.is_general else master.name,
        "badges": format_html_join(" ", "{}", ((badge,) for badge in shown if badge)),
        "is_mine": event.is_mine,
    }


def _tint(event: Any) -> str:
    return "" if event.kind == Event.Kind.MEDICAL else f"tint-{event.kind}"


def _classes(event: Any, *, is_cancelled: bool) -> str:
    """Classes of a row: the tint of a special kind, and whether it is no longer of interest."""
    tint = _tint(event)
    return f"{tint} is-muted".strip() if event.is_archived or is_cancelled else tint


def row_of(event: Any, reader: Any, next_url: str) -> Row:
    """Return the row of an event read by `listing.rows_for`; `next_url` is where signing up returns to."""
    return Row(event, places_to_take(event, reader), policies.may_take_seat(reader, event), next_url)


def places_to_take(event: Any, reader: Any) -> list[Position]:
    """Return the free places of an event read by `rows_for` that its reader could take now."""
    fitting = [position for position in event.free_places if position.is_fillable]
    return fitting if fitting and policies.may_join_somewhere(reader, event, on_event=event.is_mine) else []


@lru_cache(maxsize=16_384)
def _url(name: str, key: int) -> str:
    return reverse(name, args=[key])
