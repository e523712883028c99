"""Use of equipment in a year by type: packed and planned for events, inspected, repaired."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from equipment.models import EquipmentType, EventPlan, InspectionResult, PackedItem, Repair
from events.rules.lifecycle import Status
from medcover.common.prepared import KEY, prepared
from reports.selection import Period, prepared_of_year


@dataclass(frozen=True)
class Use:
    """One sort of use: its column, its rows of a period, the way to the type, and what is counted."""

    label: Promise
    rows: Callable[[Period], Any]
    type: str
    figure: Any = field(default_factory=lambda: Count("pk"))


def _on_events(model: Any) -> Callable[[Period], Any]:
    """Rows of events that took place, or are still to; what was done counts also when it was put away since."""
    hidden = Q(event__is_archived=True) & ~Q(event__status=Status.COMPLETED)
    none = Q(event__status__in=[Status.DRAFT, Status.CANCELLED])
    return lambda period: model.objects.filter(period.starts("event__")).exclude(hidden | none).order_by()


def _inspections(period: Period) -> Any:
    return InspectionResult.objects.counting().filter(done_on__range=(period.first, period.last)).order_by()


def _repairs(period: Period) -> Any:
    start, end = period.bounds
    return Repair.objects.filter(created__gte=start, created__lt=end).order_by()


USES = {
    "planned": Use(pgettext_lazy("equipment", "Planned"), _on_events(EventPlan), "type", Sum("quantity")),
    "packed": Use(pgettext_lazy("equipment", "Packed"), _on_events(PackedItem), "item__type"),
    "inspected": Use(pgettext_lazy("equipment", "Inspected"), _inspections, "item__type"),
    "repaired": Use(pgettext_lazy("equipment", "Faults reported"), _repairs, "item__type"),
}


@dataclass(frozen=True)
class Line:
    """One type and its figures, by the sort of use."""

    type: Any
    name: str
    figures: dict[str, int]


def by_type(period: Period) -> list[Line]:
    """Return types that were used at all, in order of name; as many queries as there are sorts of use, and one."""
    counted = {code: dict(count(period)) for code, count in _COUNTS.items()}
    used = {pk for counts in counted.values() for pk in counts}
    return [
        Line(pk, name, {code: counts.get(pk, 0) for code, counts in counted.items()}) for pk, name in _types(types=used)
    ]


def _count_of(use: Use) -> Callable[[Period], Any]:
    return prepared_of_year(lambda period: use.rows(period).values_list(use.type).annotate(use.figure))


_COUNTS = {code: _count_of(use) for code, use in USES.items()}


@prepared(lists={"types": KEY})
def _types(p: Any) -> Any:
    return EquipmentType.objects.filter(pk__in=p.types).order_by("name_sort", "pk").values_list("pk", "name")


def totals(lines: list[Line]) -> dict[str, int]:
    """Return the figures of all types together."""
    return {code: sum(line.figures[code] for line in lines) for code in USES}


def rows(code: str, period: Period, equipment_type: Any = None) -> Any:
    """The rows behind a figure: plans, packed items, results or repairs, the latest first."""
    use = USES[code]
    found = use.rows(period)
    if equipment_type is not None:
        found = found.filter(**{use.type: equipment_type})
    related = {
        "planned": ("type", "event"), "packed": ("item", "event"), "inspected": ("item", "plan"), "repaired": ("item",),
    }  # fmt: skip
    order = {"planned": "-event__start", "packed": "-event__start", "inspected": "-done_on", "repaired": "-created"}
    return found.select_related(*related[code]).order_by(order[code], "-pk")
