"""Context of mails about events: sections, one for each event, with an entry for each thing told about it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.models import Event, Position
from events.notices import changes
from events.notices.duties import duties_in
from events.notices.places import LIVE
from events.notices.samples import SAMPLES
from events.rules.joining import reservation
from events.rules.lifecycle import Status
from medcover.common import formats
from medcover.common.prepared import KEY, prepared
from medcover.common.text import tidy
from notifications import registry
from notifications.models import OutboxMessage
from notifications.registry import Brief, MailContent, Payload

#: These offer places, and show all of them, or what is demanded and how many seats are free.
OFFERS = frozenset({"event_published", "assignments_opened"})


@dataclass(frozen=True)
class Entry:
    """One thing told about an event; rendered by the part of templates named after its code.

    `message` is the key of the message that tells it.
    """

    code: str
    facts: dict[str, Any]
    message: Any = None

    @property
    def html(self) -> str:
        """Template of this entry in the HTML part of the mail."""
        return f"events/mail/entry_{self.code}.html"

    @property
    def text(self) -> str:
        """Template of this entry in the plain part of the mail."""
        return f"events/mail/entry_{self.code}.txt"


@dataclass(frozen=True)
class Section:
    """An event, when it is in the reader's own style, and everything told about it."""

    event: Event
    when: str
    entries: list[Entry]


@dataclass(frozen=True)
class PositionGroup:
    """Positions that demand the same qualifications."""

    demands: str
    positions: list[Position]


def content(messages: Sequence[OutboxMessage]) -> MailContent | None:
    """Return what a mail with these messages says; None when the events are gone or nothing remains to be told."""
    reader = messages[0].recipient
    found = sections(messages, reader)
    if not found:
        return None
    told = {entry.message for section in found for entry in section.entries}
    return MailContent(
        subject=subject_of([message for message in messages if message.pk in told], found),
        context={"sections": found},
        told=told,
        attachments=duties_in(messages, reader),
    )


def brief(content: MailContent) -> Brief:
    """Return what a browser shows of a single message: when and where, and the page it leads to, mostly the event's."""
    section = content.context["sections"][0]
    line = ", ".join(filter(None, [section.when, tidy(section.event.address)]))
    return Brief(line, section.entries[0].facts.get("path") or section.event.get_absolute_url())


def subject_of(messages: Sequence[OutboxMessage], found: Sequence[Section]) -> str:
    """Return the subject of one news as it is, of several as their common one.

    The one that could not wait names the mail, whatever it takes along: an alarm must not look like a summary.
    """
    urgent = [message for message in messages if not registry.get(message.code).can_wait]
    alone = messages if len(messages) == 1 else urgent
    if len(alone) == 1:
        return alone[0].subject
    if len(found) == 1:
        words = _("Changes of the event: %s") % found[0].event.name
    else:
        words = ngettext("Summary of changes (%d event)", "Summary of changes (%d events)", len(found)) % len(found)
    return f"MedCover — {words}"


def sections(messages: Sequence[OutboxMessage], reader: Any) -> list[Section]:
    """Return what the messages tell, by event in order of start; all events are read together.

    What has lost its point is left out, and so is an event about which nothing remains to be told.
    """
    told: dict[int, list[OutboxMessage]] = {}
    for message in messages:
        told.setdefault(message.payload["event_id"], []).append(message)
    offers = any(message.code in OFFERS for message in messages)
    read = _events(told, reader, with_crew=offers)
    found = [Section(event, _when(event, reader), _entries(told[event.pk], event, reader)) for event in read]
    return [section for section in found if section.entries]


def _entries(messages: Sequence[OutboxMessage], event: Event, reader: Any) -> list[Entry]:
    entries = [_entry(message, event, reader) for message in messages]
    return [entry for entry in entries if entry is not None]


def _events(keys: Collection[int], reader: Any, *, with_crew: bool) -> list[Event]:
    if not with_crew:
        return _events_alone(events=keys)
    events = _in_order(keys)
    return list(events.with_crew_for(reader).with_staffing().with_part_of(reader))


def _in_order(keys: Any) -> Any:
    return Event.objects.with_master_and_leader().filter(pk__in=keys).order_by("start", "pk")


@prepared(lists={"events": KEY})
def _events_alone(p: Any) -> Any:
    return _in_order(p.events)


def _when(event: Event, reader: Any) -> str:
    zone = timezone.get_current_timezone()
    day = event.start.astimezone(zone).strftime("%d.%m.%Y")
    return f"{day}, {formats.event_time(event.start, event.end, reader.event_time_format, zone)}"


def _entry(message: OutboxMessage, event: Event, reader: Any) -> Entry | None:
    facts = _facts_of(message, event, reader)
    return None if facts is None else Entry(message.code, facts, message.pk)


def _facts_of(message: OutboxMessage, event: Event, reader: Any) -> dict[str, Any] | None:
    if message.payload.get("sample") and message.code in SAMPLES:
        return SAMPLES[message.code](event, reader)
    if message.code in LIVE:
        return LIVE[message.code](message.payload, event, reader)
    if message.code in OFFERS:
        return {"preamble": _preamble(event), "groups": _groups(event), "staffing": event.staffing}
    return _facts(message.payload)


def _facts(payload: Payload) -> dict[str, Any]:
    return {"position": payload.get("position", ""), "changes": changes.rows(payload.get("changes", {}))}


def _groups(event: Event) -> list[PositionGroup]:
    """Return all positions under what they demand, in the order in which demands first appear."""
    groups: dict[str, PositionGroup] = {}
    for position in event.positions.all():
        demands = _demands(position)
        groups.setdefault(demands, PositionGroup(demands, [])).positions.append(position)
    return list(groups.values())


def _demands(position: Position) -> str:
    names = [row.name for row in position.qualifications.all() if not row.is_deleted]
    return ", ".join(names) or _("No requirements")


def _preamble(event: Event) -> str:
    """Say what the offer means for the reader for whom the event was read."""
    return f"{_opening(event)} {_chances(event)}".strip()


def _opening(event: Event) -> str:
    if event.status != Status.PUBLISHED or event.signups_open_at is None:
        return ""
    moment = formats.date_time(event.signups_open_at, timezone.get_current_timezone())
    return _("Sign-ups open on %s.") % moment


def _chances(event: Any) -> str:
    if event.is_mine:
        return _("You are already signed up for this event.")
    if event.master_event.is_coordinated:
        return _("People are signed up for this event by its coordinator.")
    return _chances_of_a_seat(event) if event.by_conditions else _chances_of_a_position(event)


def _chances_of_a_position(event: Event) -> str:
    free = [position for position in event.positions.all() if position.occupant is None]
    fitting = dict.fromkeys(str(position) for position in free if position.is_fillable)  # type: ignore[attr-defined]
    if fitting:
        return _("By your qualifications you can take: %s.") % ", ".join(fitting)
    return _("You have no qualification for the free positions.") if free else _("All positions are taken.")


def _chances_of_a_seat(event: Any) -> str:
    crew, held = event.crew, event.my_holdings
    if crew.is_full:
        return _("All seats are taken.")
    kept = reservation(crew, held)
    if kept:
        return kept
    able = [row.name for row in event.staffing.unmet if crew.hierarchy.satisfies(held, row.qualification)]
    if able:
        return _("There is a seat for you, and you have what is still missing: %s.") % ", ".join(able)
    return _("There is a seat for you.")
