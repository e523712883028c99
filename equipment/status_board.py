"""What everybody may know of equipment: where it belongs, how it stands, and what is known to be wrong with it.

No name of a person, no note and no event is ever read here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Prefetch, Q, Window
from django.db.models.functions import Left, RowNumber

from equipment.models import EquipmentItem, Repair, StorageLocation
from equipment.repairs.rules import Condition, Severity, condition_of

#: So many letters of what is wrong stand on a card; the page of the item has all of it.
CARD_TEXT = 160
#: So many cards are readable at once; beyond them each location shows a part of its items, what is in trouble first.
MOST_CARDS, LEAST_OF_LOCATION = 400, 4
#: Open repairs on the page of an item at the most, the newest first.
MOST_ISSUES = 50


@dataclass(frozen=True)
class Line:
    """One item and the open repair that decides its status; None when nothing is known to be wrong."""

    item: EquipmentItem
    repair: Any

    @property
    def condition(self) -> Condition:
        """The status as the open repairs make it."""
        return condition_of(self.repair.severity if self.repair else None)

    @property
    def is_operational(self) -> bool:
        """Nothing is known to be wrong."""
        return self.repair is None

    @property
    def is_risk(self) -> bool:
        """It must not be used although its status is not the worst: it could hurt somebody."""
        return bool(self.repair and self.repair.is_blocked and self.condition is not Condition.DOWN)


@dataclass(frozen=True)
class Figures:
    """How many items there are, and how many of them are down and degraded."""

    total: int = 0
    down: int = 0
    degraded: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(self.total + other.total, self.down + other.down, self.degraded + other.degraded)

    @property
    def operational(self) -> int:
        """How many have nothing wrong."""
        return self.total - self.down - self.degraded


@dataclass(frozen=True)
class Section:
    """A location, or None for what belongs nowhere, with its items by name: all of them, or those in trouble first."""

    location: StorageLocation | None
    figures: Figures
    lines: Sequence[Line]

    @property
    def left_out(self) -> int:
        """How many items are not among the lines."""
        return self.figures.total - len(self.lines)


def items_on_board() -> Any:
    """Items that stand on the board: neither archived nor lost, and not at a location that has been archived."""
    somewhere = Q(location__isnull=True) | Q(location__is_archived=False)
    return EquipmentItem.objects.in_use().filter(somewhere, lost_since__isnull=True)


def sections(*, location: StorageLocation | None = None, most: int = MOST_CARDS) -> list[Section]:
    """Return all locations in use in their order, or only one, with at most about `most` items in all of them.

    What belongs nowhere comes last, if there is any. The number of queries does not depend on how many there are.
    """
    items = items_on_board() if location is None else items_on_board().filter(location=location)
    figures = _figures(items)
    places: list[StorageLocation | None] = [location] if location else [*StorageLocation.objects.in_use()]
    if None in figures:
        places.append(None)
    found = _grouped(lines_of(_first_of_each(items, figures, most)))
    return [_section(place, figures, found) for place in places]


def _section(
    place: StorageLocation | None, figures: dict[int | None, Figures], found: dict[int | None, list[Line]]
) -> Section:
    key = place.pk if place else None
    return Section(place, figures.get(key, Figures()), found.get(key, []))


def _figures(items: Any) -> dict[int | None, Figures]:
    down = Count("pk", filter=Q(pk__in=_items_of(Repair.objects.open().filter(severity=Severity.DOWN))))
    broken = Count("pk", filter=Q(pk__in=_items_of(Repair.objects.open())))
    rows = items.order_by().values("location").annotate(total=Count("pk"), down=down, broken=broken)
    return {row["location"]: Figures(row["total"], row["down"], row["broken"] - row["down"]) for row in rows}


def _items_of(repairs: Any) -> Any:
    return repairs.order_by().values("item")


def _first_of_each(items: Any, figures: dict[int | None, Figures], most: int) -> Any:
    """Return all items if they are few, else of each location those that are in trouble, then the others by name."""
    if sum(counted.total for counted in figures.values()) <= most:
        return items
    order = [F("trouble").asc(), F("name_sort").asc(), F("pk").asc()]
    numbered = items.by_trouble().annotate(
        place_in_line=Window(RowNumber(), partition_by=[F("location_id")], order_by=order)
    )
    return numbered.filter(place_in_line__lte=max(LEAST_OF_LOCATION, most // len(figures)))


def _grouped(lines: Iterable[Line]) -> dict[int | None, list[Line]]:
    found: dict[int | None, list[Line]] = defaultdict(list)
    for line in sorted(lines, key=lambda line: (line.item.name_sort, line.item.pk)):
        found[line.item.location_id].append(line)
    return found


def lines_of(items: Any) -> Iterator[Line]:
    """Yield the items of a queryset with what is to be said of each; two queries. Of texts comes only the beginning."""
    deciding = Repair.objects.determining().annotate(words=Left("description", CARD_TEXT + 1))
    shown = deciding.only("item", "severity", "eta")
    rows = items.only("code", "name", "name_sort", "location").prefetch_related(
        Prefetch("repairs", shown, to_attr="determining_repairs")
    )
    yield from (Line(row, next(iter(row.determining_repairs), None)) for row in rows)


def line_by_code(code: str) -> Line | None:
    """Return the item with this code, which has not been archived, with the whole text of what is wrong."""
    deciding = Prefetch("repairs", Repair.objects.determining(), to_attr="determining_repairs")
    items = EquipmentItem.objects.in_use().filter(code=code).select_related("location").prefetch_related(deciding)
    return next((Line(row, next(iter(row.determining_repairs), None)) for row in items), None)


def known_issues(item: EquipmentItem) -> list[Repair]:
    """Return the open repairs of an item, the newest first, one more than are shown if there are more."""
    return list(Repair.objects.open().filter(item=item).order_by("-created", "-pk")[: MOST_ISSUES + 1])
