"""Entries of the calendar page: plain data for its script, one entry for each event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import tzinfo
from typing import Any

from events.querysets import staffing
from events.rules.lifecycle import Status
from medcover.common import formats

#: Background of an entry; the same colours wherever a status is drawn as an area.
COLOURS = {
    Status.DRAFT: "#6c757d",
    Status.PUBLISHED: "#0d6efd",
    Status.OPEN: "#198754",
    Status.CLOSED: "#ffc107",
    Status.COMPLETED: "#212529",
    Status.CANCELLED: "#adb5bd",
}
_DARK_TEXT = {Status.CLOSED, Status.CANCELLED}

Data = dict[str, Any]


def entries(events: Any, *, may_sign_up: bool, zone: tzinfo, address: Callable[[int], str]) -> list[Data]:
    """Return the entries of events read `with_entry_for(reader)`; at most four queries more, however many events.

    `may_sign_up` says whether the reader signs up for events at all, `address` gives the page of an event by its key.
    """
    found = list(events)
    fitting = _fitting(found) if may_sign_up else set()
    looks = {status: _look(status) for status in Status}
    labels = {status: str(status.label) for status in Status}
    return [
        {**_entry(event, zone), "url": address(event.pk), **looks[event.status], "extendedProps": {
            **_facts(event, zone), "status": labels[event.status], "eligible": event.pk in fitting,
        }}
        for event in found
    ]  # fmt: skip


def _look(status: Status) -> Data:
    colour = COLOURS[status]
    text = "#000" if status in _DARK_TEXT else "#fff"
    return {"backgroundColor": colour, "borderColor": colour, "textColor": text}


def _entry(event: Any, zone: tzinfo) -> Data:
    """What places the entry, on the clock of the site: the page shows what stands here, wherever its reader is."""
    start, end = event.start.astimezone(zone).isoformat(), event.end.astimezone(zone).isoformat()
    return {"id": event.pk, "title": event.name, "start": start, "end": end}


def _facts(event: Any, zone: tzinfo) -> Data:
    """What the entry says besides; the figures of the event's row are enough for it in both modes."""
    by_conditions = event.by_conditions
    return {
        "statusKey": event.status,
        "kind": event.kind,
        "filled": event.participant_count if by_conditions else event.mandatory_filled,
        "total": event.min_participants if by_conditions else event.mandatory_total,
        "leader": event.leader_name or "",
        "startText": formats.date_time(event.start, zone),
        "endText": formats.date_time(event.end, zone),
        "master": event.master_name,
        "mine": event.is_mine,
    }


def _fitting(events: Iterable[Any]) -> set[int]:
    """Return the keys of events on which a place would fit their reader, whatever the status."""
    others = [event for event in events if not event.is_mine]
    places = {event.pk for event in others if event.fitting_position}
    return places | set(_with_seat([event for event in others if event.by_conditions]))


def _with_seat(events: Iterable[Any]) -> Iterator[int]:
    """Yield the keys of events staffed by conditions that have a seat; a full one needs no look at who is there."""
    unfilled = [event for event in events if event.participant_count + event.held_places < event.max_participants]
    staffing.attach(unfilled)
    for event in unfilled:
        if event.crew.may_be_joined_by(event.my_holdings):
            yield event.pk
