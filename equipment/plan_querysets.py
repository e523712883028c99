"""Querysets of equipment plans: what is planned, what is left of a type, and which events are short of something.

The stock of a type is enough for an event when the items that count for its whole time are at least as many as are
planned at any one moment of it. Events that only meet this one, but not each other, use the same items one after the
other, so their quantities are not simply added: the greatest load at one moment decides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Count, Expression, F, IntegerField, Max, Min, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from equipment.expressions import CountOfType, LoadOfOthers, PeakDuring, PeakOfType
from events.rules.lifecycle import FINAL
from medcover.common.prepared import MOMENT, prepared


class EventPlanQuerySet(models.QuerySet):
    """Rows of the plans of events."""

    def counting(self) -> EventPlanQuerySet:
        """Those that take something from the stock: of events neither cancelled, completed nor archived; drafts too."""
        return self.filter(event__is_archived=False).exclude(event__status__in=FINAL)

    def between(self, start: datetime, end: datetime) -> EventPlanQuerySet:
        """Those whose events share time with the half-open span."""
        return self.filter(event__start__lt=end, event__end__gt=start)

    def not_ended(self, at: datetime) -> EventPlanQuerySet:
        """Those of events that are not over."""
        return self.filter(event__end__gt=at)

    def with_availability(self, start: datetime, until: datetime) -> EventPlanQuerySet:
        """Carry `pool` and `load`; only of counting rows, all of whose events lie between `start` and `until`.

        `pool` is how many items of the type count for the time of the event, `load` how many of them other events need
        at one moment of it: what is needed of all at one moment, without what the event itself needs all the time.
        """
        peak = PeakDuring(Value(start), Value(until), F("type"), F("event__start"), F("event__end"))
        pool = _pool(OuterRef("type"), OuterRef("event__start"), OuterRef("event__end"))
        return self.annotate(pool=pool, load=peak - F("quantity"))

    def short(self, start: datetime, until: datetime) -> EventPlanQuerySet:
        """Those with too little of their type; as `with_availability`."""
        return self.with_availability(start, until).filter(quantity__gt=F("pool") - F("load"))


def availability(
    type_ids: Iterable[int], start: datetime, end: datetime, *, exclude: int | None = None
) -> dict[int, int]:
    """Return by type how many of its items are left for an event from `start` to `end`; negative: others lack some.

    `exclude` is the key of the event itself, whose own plan does not stand in its way.
    """
    from equipment.models import EquipmentType

    load = LoadOfOthers(F("pk"), Value(exclude or 0), Value(start), Value(end))
    types = EquipmentType.objects.filter(pk__in=list(type_ids)).order_by().with_pool(start, end)
    return dict(types.annotate(left=F("pool") - load).values_list("pk", "left"))


def competing(plan_types: Collection[int], start: datetime, end: datetime, *, exclude: int | None = None) -> Any:
    """Return the rows of other events that want these types in that time, in order of start."""
    from equipment.models import EventPlan

    others = EventPlan.objects.counting().between(start, end).filter(type__in=plan_types).exclude(event=exclude)
    return others.select_related("event").order_by("event__start", "event")


def short_plans(start: datetime, until: datetime, types: Collection[int] | None = None) -> Any:
    """Return the rows that lack something, of events that share time with the span; `types` limits the question.

    One cheap question comes first: of which types more is needed at one moment than there are items that count for all
    of the span. Only these can be short; as a rule there are none, and nothing else is asked.
    """
    from equipment.models import EventPlan

    suspected = types_in_doubt(start, until)
    if types is not None:
        suspected &= set(types)
    rows = EventPlan.objects.counting().between(start, until).filter(type__in=suspected)
    covered = rows.aggregate(start=Min("event__start"), end=Max("event__end")) if suspected else {}
    if not covered.get("start"):
        return EventPlan.objects.none()
    return rows.short(covered["start"], covered["end"])


@dataclass(frozen=True)
class _Suspicion:
    """Types that can be short within a span; others cannot be within any part of it."""

    start: datetime
    until: datetime
    types: frozenset[int]


_known: ContextVar[list[_Suspicion] | None] = ContextVar("what a page knows about shortages", default=None)


@contextmanager
def shortages_read_once() -> Iterator[None]:
    """Let a question inside about a part of a span that was asked about rely on that; for what changes nothing."""
    known = _known.get()
    token = _known.set([] if known is None else known)
    try:
        yield
    finally:
        _known.reset(token)


def types_in_doubt(start: datetime, until: datetime) -> frozenset[int]:
    """Return the keys of the types of which events within the span may lack some; as a rule there are none."""
    known = _known.get()
    for one in known or ():
        if one.start <= start and until <= one.until:
            return one.types
    found = frozenset(row.pk for row in _types_in_doubt(start=start, until=until))
    if known is not None:
        known.append(_Suspicion(start, until, found))
    return found


@prepared(start=MOMENT, until=MOMENT)
def _types_in_doubt(p: Any) -> Any:
    """Types of which more is needed at one moment of the span than there are items that count for all of it."""
    from equipment.models import EquipmentType

    peak, pool = PeakOfType(p.start, p.until, F("pk")), Coalesce(CountOfType(_counted(p.start, p.until)), Value(0))
    return EquipmentType.objects.order_by().annotate(peak=peak).filter(peak__gt=pool).only("pk")


def _pool(type_id: Any, start: Any, end: Any) -> Expression:
    counted = _counted(start, end).filter(type=type_id).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


def _counted(start: Any, end: Any) -> Any:
    """Types with `n`, how many of their items count for the time."""
    from equipment.models import EquipmentItem

    return EquipmentItem.objects.available_between(start, end).order_by().values("type").annotate(n=Count("pk"))
