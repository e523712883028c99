"""Events as the calendar on the page draws them: plain data, one entry for each.

Expects events read `with_staffing()`, `with_master_and_leader()`, `with_part_of(reader)` and
`with_free_places_for(reader)`; asks nothing else.
"""

from __future__ import annotations

from datetime import tzinfo
from typing import Any

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


def entry(event: Any, *, may_sign_up: bool, zone: tzinfo) -> dict[str, Any]:
    """Return the entry; `may_sign_up` says whether the reader signs up for events at all."""
    colour = COLOURS[Status(event.status)]
    return {
        "id": event.pk,
        "title": event.name,
        # On the clock of the site: the page shows what stands here, wherever its reader is.
        "start": event.start.astimezone(zone).isoformat(),
        "end": event.end.astimezone(zone).isoformat(),
        "url": event.get_absolute_url(),
        "backgroundColor": colour,
        "borderColor": colour,
        "textColor": "#000" if event.status in _DARK_TEXT else "#fff",
        "extendedProps": {
            "status": str(Status(event.status).label),
            "statusKey": event.status,
            "kind": event.kind,
            "filled": event.staffing.needed_filled,
            "total": event.staffing.needed_total,
            "leader": event.responsible_person.name if event.responsible_person else "",
            "startText": formats.date_time(event.start, zone),
            "endText": formats.date_time(event.end, zone),
            "master": "" if event.master_event.is_general else event.master_event.name,
            "eligible": may_sign_up and is_open_to_reader(event),
            "mine": event.is_mine,
        },
    }


def is_open_to_reader(event: Any) -> bool:
    """Say whether a place of the event would fit its reader, whatever its status."""
    if event.is_mine:
        return False
    if event.by_conditions:
        return bool(event.crew.may_be_joined_by(event.my_holdings))
    return any(position.is_fillable for position in event.free_places)


def entries(events: Any, *, may_sign_up: bool, zone: tzinfo) -> list[dict[str, Any]]:
    """Return the entries of the events."""
    return [entry(event, may_sign_up=may_sign_up, zone=zone) for event in events]
