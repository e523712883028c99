"""Equipment of events as pages show it: icons in lists, the plan of one event, and what coming events lack."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from equipment.models import EquipmentType, EventPlan
from equipment.plan_querysets import competing, short_plans, shortages_read_once, types_in_doubt
from equipment.policies import VIEW
from equipment.readiness import figures
from equipment.services.plans import PLAN
from events.models import Event
from events.querysets.events import sees_drafts
from medcover.common.prepared import KEY, prepared

#: So many events the panel of the dashboard shows.
PANEL_ROWS = 50
#: Nearly all events are shorter than this.
_MARGIN = timedelta(days=7)


@dataclass(frozen=True)
class PlanLine:
    """One type on the plan of an event.

    `lacking` is its row with what is available, where that is too little; `rivals` are other events that want it then.
    """

    type: EquipmentType
    quantity: int
    lacking: EventPlan | None = None
    rivals: list[Event] = field(default_factory=list)

    @property
    def is_short(self) -> bool:
        """There is too little of it."""
        return self.lacking is not None

    @property
    def available(self) -> int:
        """How many there are, where there are too few."""
        return max(0, self.lacking.available) if self.lacking else self.quantity


@dataclass(frozen=True)
class EventEquipment:
    """The plan of an event for one reader; `types` are those that a planner can choose from.

    Who is on the event packs for it and records what was used, also where nothing was planned.
    """

    lines: list[PlanLine]
    may_plan: bool = False
    is_on_event: bool = False
    types: Sequence[EquipmentType] = ()

    @property
    def is_empty(self) -> bool:
        """There is nothing to show and nothing to do."""
        return not (self.lines or self.may_plan or self.is_on_event)


def plan_of(event: Event, reader: Any, *, offering: bool = True) -> EventEquipment | None:
    """Read the plan of an event; None for a reader who may not know about equipment.

    With `offering` planners get the types to choose from.
    One query, for planners one more, and one where something is short; another one for an event without readiness.
    """
    if not reader.has_perm(VIEW):
        return None
    rows = _rows(event=event.pk)
    is_open = not (event.is_final or event.is_archived)
    lacking = {row.type_id: row for row in _lacking(event)} if rows and is_open else {}
    may_plan = is_open and reader.has_perm(PLAN)
    rivals = _rivals(event, list(lacking)) if may_plan and lacking else {}
    types = _types() if may_plan and offering else []
    lines = [PlanLine(row.type, row.quantity, lacking.get(row.type_id), rivals.get(row.type_id, [])) for row in rows]
    return EventEquipment(lines, may_plan, getattr(event, "is_mine", False), types)


@prepared(event=KEY)
def _rows(p: Any) -> Any:
    return EventPlan.objects.filter(event=p.event).select_related("type").order_by("type__name_sort", "type")


@prepared()
def _types(_p: Any) -> Any:
    return EquipmentType.objects.order_by("name_sort", "pk")


def _lacking(event: Any) -> Sequence[EventPlan]:
    """What the event lacks; its readiness knows already where it has one."""
    known: Sequence[EventPlan] | None = getattr(event, "lacking_equipment", None)
    return list(short_plans(event.start, event.end).filter(event=event)) if known is None else known


def _rivals(event: Event, types: Sequence[int]) -> dict[int, list[Event]]:
    found = defaultdict(list)
    for row in competing(types, event.start, event.end, exclude=event.pk) if types else ():
        found[row.type_id].append(row.event)
    return found


def attach_plans(events: Sequence[Any], reader: Any) -> None:
    """Let events carry `planned_equipment`: icon, name and quantity of each type; empty for whoever may not know."""
    plans: dict[int, list[tuple[str, str, int]]] = defaultdict(list)
    if events and reader.has_perm(VIEW):
        for event_id, *planned in _icons(events=[event.pk for event in events]):
            plans[event_id].append(tuple(planned))
    for event in events:
        event.planned_equipment = plans[event.pk]


@prepared(lists={"events": KEY})
def _icons(p: Any) -> Any:
    # Plain values: a page has two hundred of them.
    rows = EventPlan.objects.filter(event__in=p.events).order_by("type__name_sort", "type")
    return rows.values_list("event", "type__icon", "type__name", "quantity")


@dataclass(frozen=True)
class ShortEvent:
    """A coming event that lacks equipment: the first short type, and how many others there are."""

    event: Event
    type: EquipmentType
    figures: str
    others: int


@shortages_read_once()
def short_events(reader: Any, at: datetime) -> list[ShortEvent]:
    """Read the events within the reader's horizon that lack equipment, in order of start; one statement as a rule.

    Whoever sees events or plans equipment may know. The span is a little wider than asked, so that whatever is asked
    about running and coming events afterwards is known already (`shortages_read_once`).
    """
    with_drafts, until = sees_drafts(reader), at + timedelta(days=reader.dashboard_horizon)
    if with_drafts is None or not reader.has_perm(VIEW):
        return []
    if not types_in_doubt(at - _MARGIN, until + _MARGIN):
        return []
    rows = short_plans(at - _MARGIN, until + _MARGIN).filter(event__start__gt=at, event__start__lt=until)
    visible = rows.filter(event__in=Event.objects.visible(with_drafts=with_drafts).values("pk"))
    lacking: dict[int, list[Any]] = defaultdict(list)
    for row in visible.select_related("event", "type").order_by("event__start", "event", "type__name_sort"):
        lacking[row.event_id].append(row)
    return [_short_event(found) for found in list(lacking.values())[:PANEL_ROWS]]


def _short_event(rows: Sequence[Any]) -> ShortEvent:
    first = rows[0]
    return ShortEvent(first.event, first.type, figures(first), len(rows) - 1)
