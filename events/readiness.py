"""Readiness of events as they are read, and `add_source`, by which other apps add their reasons.

An app that knows another reason why an event may not take place as planned, such as equipment that is missing, calls
`add_source` once when it is ready. Pages, lists and the backoffice show its reasons beside the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from events.rules.readiness import Reason, is_watched, judged, reasons_in

#: Gets all events of a page at once and returns reasons by the event's key. It may ask the database, a fixed number
#: of times however many events there are.
Source = Callable[[Sequence[Any]], Mapping[int, Sequence[Reason]]]

_sources: list[Source] = []


def add_source(source: Source) -> None:
    """Ask `source` too from now on; its reasons come after our own."""
    if source not in _sources:
        _sources.append(source)


def attach(events: Sequence[Any], at: datetime) -> None:
    """Set `readiness` of the events that are still to take place; they carry their staffing."""
    watched = [event for event in events if _matters(event, at)]
    told = [source(watched) for source in _sources] if watched else []
    for event in watched:
        own = reasons_in(event.staffing, has_leader=event.responsible_person_id is not None)
        others = [reason for by_event in told for reason in by_event.get(event.pk, ())]
        event.readiness = judged([*own, *others], start=event.start, at=at)


def _matters(event: Any, at: datetime) -> bool:
    return is_watched(event.status, is_archived=event.is_archived, end=event.end, at=at)
