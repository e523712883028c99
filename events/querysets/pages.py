"""Prepared queries of events for pages: rows of lists, the page of one event, entries of a calendar.

Each takes a fixed number of queries, however many events. What may be known to the reader is the caller's choice of
keys, except where a function says that it asks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F

from credentials.models import Qualification
from events import readiness
from events.models import Event, Position
from events.querysets import staffing
from events.querysets.events import sees_drafts
from medcover.common.prepared import KEY, UUID, keep_related, prepared


def read_rows(keys: Iterable[int], reader: Any) -> list[Any]:
    """Read what a row shows of the events of these keys, in their order: staffing, master event, leader, reader's part.

    A fixed number of queries, however many there are; those that are gone by now are left out.
    """
    wanted = list(keys)
    read = {event.pk: event for event in _rows(keys=wanted, reader=reader.pk)} if wanted else {}
    found = [read[key] for key in wanted if key in read]
    staffing.attach(found)
    return found


def read_event(key: int, reader: Any, *, at: datetime) -> Any | None:
    """Read what the page of an event shows: the same as a row, and readiness at `at`, positions and their people.

    None for an event that the reader may not know about.
    """
    with_drafts = sees_drafts(reader)
    event = None if with_drafts is None else _event.first(with_drafts, key=key, reader=reader.pk)
    if event is None:
        return None
    staffing.attach([event])
    readiness.attach([event], at)
    keep_related(event, "positions", _read_positions(key, reader))
    return event


def _read_positions(event: int, reader: Any) -> list[Any]:
    places = _positions(event=event, viewer=reader.pk)
    demanded = defaultdict(list)
    for row in _demanded(positions=[place.pk for place in places]) if places else ():
        demanded[row.demanded_by].append(row)
    for place in places:
        keep_related(place, "qualifications", demanded[place.pk])
    return places


@prepared(key=KEY, reader=UUID)
def _event(p: Any, with_drafts: bool) -> Any:
    found = Event.objects.visible(with_drafts=with_drafts).filter(pk=p.key)
    return found.with_master_and_leader().with_part_of(p.reader)


@prepared(event=KEY, viewer=UUID)
def _positions(p: Any) -> Any:
    places = Position.objects.filter(event=p.event).with_people()
    return places.with_fillable_by(p.viewer).with_offers_to_others_than(p.viewer)


@prepared(lists={"positions": KEY})
def _demanded(p: Any) -> Any:
    """Qualifications that places demand, each with the key of the place."""
    demanded = Qualification.objects.filter(positions__in=p.positions)
    return demanded.annotate(demanded_by=F("positions__pk")).order_by("name_sort", "pk")


@prepared(lists={"keys": KEY}, reader=UUID)
def _rows(p: Any) -> Any:
    return Event.objects.filter(pk__in=p.keys).with_row_for(p.reader).order_by()


def read_entries(keys: Iterable[int], reader: Any) -> list[Any]:
    """Read what a calendar shows of the events of these keys, the earliest first; one query."""
    wanted = list(keys)
    return _for_calendar(keys=wanted, reader=reader.pk) if wanted else []


@prepared(lists={"keys": KEY}, reader=UUID)
def _for_calendar(p: Any) -> Any:
    return Event.objects.filter(pk__in=p.keys).with_entry_for(p.reader).order_by("start", "pk")


def joinable_keys(person: Any) -> list[int]:
    """Read the keys of all events that the person could join right now; a fixed number of queries."""
    if not person.has_perm("events.assign_own"):
        return []
    takers = _takers(person.has_perm("events.assign_other"), person=person.pk)
    staffing.attach([event for event in takers if event.by_conditions])
    return [event.pk for event in takers if event.fitting_position or staffing.has_seat_for(person, event)]


@prepared(person=UUID)
def _takers(p: Any, even_coordinated: bool) -> Any:
    """Events that take sign-ups from the person, were there a place for them."""
    found = Event.objects.open_for_signing_up().not_taken_part_in_by(p.person).order_by()
    return (found if even_coordinated else found.not_coordinated()).with_outline_for(p.person)


def attach_free_places(events: Sequence[Any], viewer: Any) -> None:
    """Let events carry `free_places`, mandatory ones first, then by description, and which of them fit the viewer."""
    places = defaultdict(list)
    having = [event.pk for event in events if event.has_free_position]
    for position in _free_places(events=having, viewer=viewer.pk) if having else ():
        places[position.event_id].append(position)
    for event in events:
        event.free_places = places[event.pk]


@prepared(lists={"events": KEY}, viewer=UUID)
def _free_places(p: Any) -> Any:
    free = Position.objects.free().with_fillable_by(p.viewer).filter(event__in=p.events)
    return free.order_by("is_optional", "description", "pk")
