"""Equipment of events as pages show it: icons in lists, the plan of one event, and what coming events lack."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from equipment.models import EquipmentType, EventPlan
from equipment.plan_querysets import competing, short_plans
from equipment.policies import VIEW
from equipment.readiness import figures
from equipment.services.plans import PLAN
from events.models import Event
from events.querysets.events import sees_drafts
from medcover.common.prepared import KEY, prepared

#: So many events the panel of the dashboard shows.
PANEL_ROWS = 50


@dataclass(frozen=True)
class PlanLine:
    """One type on the plan of an event; `rivals` are other events that want it in that time, where it is short."""

    type: EquipmentType
    quantity: int
    available: int
    is_short: bool
    rivals: list[Event] = field(default_factory=list)


@dataclass(frozen=True)
class EventEquipment:
    """The plan of an event for one reader; `types` are those that a planner can choose from."""

    lines: list[PlanLine]
    may_plan: bool = False
    types: Sequence[EquipmentType] = ()

    @property
    def is_empty(self) -> bool:
        """There is nothing to show and nothing to do."""
        return not (self.lines or self.may_plan)


def plan_of(event: Event, reader: Any) -> EventEquipment | None:
    """Read the plan of an event; None for a reader who may not know about equipment.

    One query, for planners one more, and one where something is short.
    """
    if not reader.has_perm(VIEW):
        return None
    is_open = not (event.is_final or event.is_archived)
    may_plan = is_open and reader.has_perm(PLAN)
    rows = _rows(event=event.pk)
    rivals = _rivals(event, [row.type_id for row in rows if row.lack > 0]) if may_plan else {}
    lines = [
        PlanLine(row.type, row.quantity, max(0, row.available), is_open and row.lack > 0, rivals.get(row.type_id, []))
        for row in rows
    ]
    types = list(EquipmentType.objects.order_by("name_sort", "pk")) if may_plan else []
    return EventEquipment(lines, may_plan, types)


@prepared(event=KEY)
def _rows(p: Any) -> Any:
    return EventPlan.objects.filter(event=p.event).with_availability().select_related("type")


def _rivals(event: Event, types: Sequence[int]) -> dict[int, list[Event]]:
    found = defaultdict(list)
    for row in competing(types, event.start, event.end, exclude=event.pk) if types else ():
        found[row.type_id].append(row.event)
    return found


def attach_plans(events: Sequence[Any], reader: Any) -> None:
    """Let events carry `planned_equipment`, rows of their plans; empty for a reader who may not know about it."""
    rows = defaultdict(list)
    if events and reader.has_perm(VIEW):
        for row in _of_events(events=[event.pk for event in events]):
            rows[row.event_id].append(row)
    for event in events:
        event.planned_equipment = rows[event.pk]


@prepared(lists={"events": KEY})
def _of_events(p: Any) -> Any:
    return EventPlan.objects.filter(event__in=p.events).select_related("type").order_by("type__name_sort", "type")


@dataclass(frozen=True)
class ShortEvent:
    """A coming event that lacks equipment: the first short type, and how many others there are."""

    event: Event
    type: EquipmentType
    figures: str
    others: int


def short_events(reader: Any, at: datetime) -> list[ShortEvent]:
    """Read the events within the reader's horizon that lack equipment, in order of start; one statement as a rule.

    Whoever sees events or plans equipment may know.
    """
    with_drafts = sees_drafts(reader)
    if with_drafts is None or not reader.has_perm(VIEW):
        return []
    rows = short_plans(at, at + timedelta(days=reader.dashboard_horizon)).filter(event__start__gt=at)
    visible = Event.objects.visible(with_drafts=with_drafts).values("pk")
    lacking: dict[int, list[Any]] = defaultdict(list)
    for row in (
        rows.filter(event__in=visible)
        .select_related("event", "type")
        .order_by("event__start", "event", "type__name_sort")
    ):
        lacking[row.event_id].append(row)
    return [_short_event(found) for found in list(lacking.values())[:PANEL_ROWS]]


def _short_event(rows: Sequence[Any]) -> ShortEvent:
    first = rows[0]
    return ShortEvent(first.event, first.type, figures(first), len(rows) - 1)
