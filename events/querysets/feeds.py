"""Prepared queries of the feed with all events, which may be those of many years: only what its entries say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef

from credentials.models import Qualification
from events.models import Event, Position
from events.querysets import staffing
from medcover.common.prepared import KEY, prepared

#: Events that are read together, so many as a process easily holds.
AT_ONCE = 250


class FeedPlace(NamedTuple):
    """A place of an event: its description, the names of the qualifications it demands, and who is on it."""

    description: str
    demanded: list[str]
    occupant: str | None


def read_announced(reader: Any, at: datetime) -> Iterator[Any]:
    """Yield the events of the feed as of `at`, the earliest first.

    They carry `leader_name`, and `feed_places` or, where they are staffed by conditions, their staffing.
    """
    found = Event.objects.visible_to(reader).in_calendars(at).order_by("start", "pk")
    keys = list(found.values_list("pk", flat=True))
    for start in range(0, len(keys), AT_ONCE):
        yield from _read(keys[start : start + AT_ONCE])


def _read(keys: list[int]) -> list[Any]:
    events = _events(keys=keys)
    staffing.attach(events)
    places = defaultdict(list)
    for event, *place in _places(events=keys):
        places[event].append(FeedPlace(*place))
    for event in events:
        event.feed_places = places[event.pk]
    return events


@prepared(lists={"keys": KEY})
def _events(p: Any) -> Any:
    return Event.objects.filter(pk__in=p.keys).with_feed_entry().order_by("start", "pk")


@prepared(lists={"events": KEY})
def _places(p: Any) -> Any:
    demanded = Qualification.objects.living().filter(positions=OuterRef("pk")).order_by("name_sort", "pk")
    rows = Position.objects.filter(event__in=p.events).order_by("event", "is_optional", "pk")
    return rows.annotate(
        demanded=ArraySubquery(demanded.values("name")), taken_by=F("assignment__person__name")
    ).values_list("event_id", "description", "demanded", "taken_by")
