"""Querysets of equipment plans: what is planned, what is left of a type, and which events are short of something.

The stock of a type is enough for an event when the items that count for its whole time are at least as many as are
planned at any one moment of it. Events that only meet this one, but not each other, use the same items one after the
other, so their quantities are not simply added: the greatest load at one moment decides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import connection, models
from django.db.models import Count, Expression, F, IntegerField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from equipment.expressions import STEPS, PeakLoad
from events.rules.lifecycle import FINAL


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

    def with_availability(self) -> EventPlanQuerySet:
        """Carry `pool`, `load`, `available` and `lack`.

        `pool` is how many items of the type count for the time of the event, `load` how many of them other events need
        at one moment of it, `available` what is left of the pool (below zero, when others are short already), and
        `lack` how many of those planned are missing (zero or less: none).
        """
        left = F("pool") - F("load")
        return self.annotate(
            pool=_pool(OuterRef("type"), OuterRef("event__start"), OuterRef("event__end")),
            load=PeakLoad(F("type"), F("event"), F("event__start"), F("event__end")),
            available=left,
            lack=F("quantity") - left,
        )

    def short(self) -> EventPlanQuerySet:
        """Those with too little of their type; they carry `lack` and the like."""
        return self.with_availability().filter(lack__gt=0)


def availability(
    type_ids: Iterable[int], start: datetime, end: datetime, *, exclude: int | None = None
) -> dict[int, int]:
    """Return by type how many of its items are left for an event from `start` to `end`; negative: others lack some.

    `exclude` is the key of the event itself, whose own plan does not stand in its way.
    """
    from equipment.models import EquipmentType

    load = PeakLoad(F("pk"), Value(exclude or 0), Value(start), Value(end))
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

    suspected = _suspected(start, until, types)
    if not suspected:
        return EventPlan.objects.none()
    return EventPlan.objects.counting().between(start, until).filter(type__in=suspected).short()


def _suspected(start: datetime, until: datetime, types: Collection[int] | None) -> list[int]:
    from equipment.models import EquipmentType

    asked = EquipmentType.objects.all() if types is None else EquipmentType.objects.filter(pk__in=types)
    pools, params = asked.order_by().with_pool(start, until).values("pk", "pool").query.sql_with_params()
    sql = f"SELECT pools.pk FROM ({pools}) pools JOIN ({_PEAKS}) peaks ON type_id = pools.pk WHERE load > pool"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, until, start])
        return [key for (key,) in cursor.fetchall()]


#: By type, the greatest number of items needed at one moment by events that share time with a span.
_PEAKS = f"""
SELECT type_id, MAX(load) AS load FROM (
    {STEPS.format(partition="PARTITION BY plan.type_id")} AND event.start < %s AND event."end" > %s
) AS steps GROUP BY type_id
"""  # noqa: S608


def _pool(type_id: Any, start: Any, end: Any) -> Expression:
    from equipment.models import EquipmentItem

    items = EquipmentItem.objects.available_between(start, end).filter(type=type_id).order_by()
    counted = items.values("type").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))
