"""What everybody may know of equipment: where it belongs, how it stands, and what is known to be wrong with it.

No name of a person, no note and no event is ever read here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, Window
from django.db.models.functions import Left, RowNumber
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from equipment import rules
from equipment.models import EquipmentItem, Repair, ServiceWindow, StorageLocation
from equipment.repairs.rules import Condition, Severity, condition_of
from equipment.rules import Reason
from medcover.common.prepared import DAY, KEY, MOMENT, prepared

#: So many letters of what is wrong stand on a card; the page of the item has all of it.
CARD_TEXT = 160
#: So many cards are readable at once; beyond them each location shows a part of its items, what is in trouble first.
MOST_CARDS, LEAST_OF_LOCATION = 240, 4
#: Open repairs on the page of an item at the most, the newest first.
MOST_ISSUES = 50

#: Why the store hands an item out to nobody although no repair says so; which repairs do is told by the status itself.
HELD_BACK: dict[Reason, Promise] = {
    Reason.EXPIRED: _("Not handed out: expired"),
    Reason.IN_SERVICE: _("Not handed out: being serviced"),
    Reason.INSPECTION_OVERDUE: _("Not handed out: safety inspection overdue"),
}


@dataclass(frozen=True)
class Line:
    """One item as far as everybody may know it, and the open repair that decides its status, if there is one."""

    item: Any
    repair: Any
    #: Why it is not handed out whatever its status; None where nothing but repairs stands against it.
    held_back: Reason | None = None

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

    @property
    def held_back_words(self) -> Promise | str:
        """What is said of that, empty where a repair says already that it must not be used."""
        is_blocked = self.repair is not None and self.repair.is_blocked
        return HELD_BACK[self.held_back] if self.held_back and not is_blocked else ""


@dataclass(frozen=True)
class Figures:
    """How many items there are, and how many are down, degraded, and have nothing wrong but are not handed out."""

    total: int = 0
    down: int = 0
    degraded: int = 0
    held_back: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            self.total + other.total,
            self.down + other.down,
            self.degraded + other.degraded,
            self.held_back + other.held_back,
        )

    @property
    def operational(self) -> int:
        """How many have nothing wrong and nothing else against them."""
        return self.total - self.in_trouble

    @property
    def in_trouble(self) -> int:
        """How many have something wrong, or are not handed out."""
        return self.down + self.degraded + self.held_back


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


def sections(
    at: datetime, *, location: StorageLocation | None = None, most: int = MOST_CARDS, in_trouble: int | None = None
) -> list[Section]:
    """Return all locations in use in their order, or only one, with at most about `most` items in all of them.

    Where there are more, those in trouble come first; with `in_trouble` they come alone, about so many of them. What
    belongs nowhere comes last, if there is any. The number of queries does not depend on how many there are.
    """
    asked = {"location": location.pk if location else 0, "at": at, "day": timezone.localdate(at)}
    figures = _figures(location is not None, asked)
    places: list[StorageLocation | None] = [location] if location else [*StorageLocation.objects.in_use()]
    if None in figures:
        places.append(None)
    each = _cards_of_each(figures.values(), most, in_trouble)
    rows = _shown(location is not None, each > 0, in_trouble is None, each=each, **asked)
    found = _grouped(_lines(rows, at))
    return [_section(place, figures, found) for place in places]


def _section(
    place: StorageLocation | None, figures: dict[int | None, Figures], found: dict[int | None, list[Line]]
) -> Section:
    key = place.pk if place else None
    return Section(place, figures.get(key, Figures()), found.get(key, []))


def _asked_for(given: Any, is_alone: bool) -> Any:
    items = items_on_board()
    return items.filter(location=given.location) if is_alone else items


def _figures(is_alone: bool, asked: dict[str, Any]) -> dict[int | None, Figures]:
    return {row["location"]: _figures_in(row) for row in _counted(is_alone, **asked)}


def _figures_in(row: Any) -> Figures:
    return Figures(row["total"], row["down"], row["broken"] - row["down"], row["against"] - row["broken"])


@prepared(location=KEY, at=MOMENT, day=DAY)
def _counted(given: Any, is_alone: bool) -> Any:
    """How many items of each location are down, have something wrong, and have anything against them."""
    down = Q(pk__in=_items_of(Repair.objects.open().filter(severity=Severity.DOWN)))
    broken = Q(pk__in=_items_of(Repair.objects.open()))
    counts = {
        "total": Count("pk"),
        "down": Count("pk", filter=down),
        "broken": Count("pk", filter=broken),
        "against": Count("pk", filter=broken | _is_held_back(given.at, given.day)),
    }
    return _asked_for(given, is_alone).order_by().values("location").annotate(**counts)


def _items_of(rows: Any) -> Any:
    return rows.order_by().values("item")


def _is_held_back(at: Any, day: Any) -> Q:
    """What is not handed out, whatever its repairs say."""
    in_service = Q(pk__in=_items_of(ServiceWindow.objects.active_at(at)))
    return Q(expires_on__lt=day) | Q(safe_until__lt=day) | in_service


def _cards_of_each(figures: Collection[Figures], most: int, in_trouble: int | None) -> int:
    """Return how many items of a location are shown at the most, so that all are about so many; 0 for all of them."""
    if sum(counted.total for counted in figures) <= most:
        return 0
    if in_trouble is None:
        return _fair([counted.total for counted in figures], most)
    return _fair([counted.in_trouble for counted in figures], in_trouble)


def _fair(wanted: Collection[int], room: int) -> int:
    """Return the largest share of each that leaves room for that of all others; what some do not need others get."""
    fitting = (each for each in range(room, LEAST_OF_LOCATION, -1) if sum(min(n, each) for n in wanted) <= room)
    return next(fitting, LEAST_OF_LOCATION)


@prepared(location=KEY, at=MOMENT, day=DAY, each=KEY)
def _shown(given: Any, is_alone: bool, is_cut: bool, fills_up: bool) -> Any:
    """The items of which a card is shown: all, or of each location those in trouble, then the others by name."""
    items = _asked_for(given, is_alone)
    if is_cut:
        order = [F("trouble").asc(), F("name_sort").asc(), F("pk").asc()]
        place = Window(RowNumber(), partition_by=[F("location_id")], order_by=order)
        held_back = _is_held_back(given.at, given.day)
        items = items.by_trouble(held_back).annotate(place_in_line=place).filter(place_in_line__lte=given.each)
        items = items if fills_up else items.filter(trouble__lt=2)
    return _columns(items.order_by(), given.at)


def _columns(items: Any, at: Any) -> Any:
    """Read of items what is shown, and what says whether they are handed out."""
    names = ("pk", "code", "name", "name_sort", "location_id", "expires_on", "safe_until", "in_service")
    return items.annotate(in_service=_in_service(at)).values_list(*names, named=True)


def _in_service(at: Any) -> Exists:
    return Exists(ServiceWindow.objects.active_at(at).filter(item=OuterRef("pk")))


def _grouped(lines: Iterable[Line]) -> dict[int | None, list[Line]]:
    found: dict[int | None, list[Line]] = defaultdict(list)
    for line in sorted(lines, key=lambda line: (line.item.name_sort, line.item.pk)):
        found[line.item.location_id].append(line)
    return found


def by_trouble(items: Any, at: datetime) -> Any:
    """Put what must not be used first, then what is degraded or not handed out, then the rest; by name."""
    return items.by_trouble(_is_held_back(at, timezone.localdate(at)))


def lines_of(items: Any, at: datetime) -> Iterator[Line]:
    """Yield the items of a queryset with what is to be said of each; two queries. Of texts comes only the beginning."""
    yield from _lines(list(_columns(items, at)), at)


def _lines(rows: Sequence[Any], at: datetime) -> Iterator[Line]:
    deciding = {repair.item_id: repair for repair in _deciding(items=[row.pk for row in rows])}
    yield from (Line(row, deciding.get(row.pk), _held_back(row, at)) for row in rows)


@prepared(lists={"items": KEY})
def _deciding(given: Any) -> Any:
    """Of each of the items the open repair that decides its status, as far as a card shows it."""
    deciding = (
        Repair.objects.determining().filter(item__in=given.items).annotate(words=Left("description", CARD_TEXT + 1))
    )
    return deciding.values_list("item_id", "severity", "eta", "is_blocked", "words", named=True)


def _held_back(row: Any, at: datetime) -> Reason | None:
    windows = [rules.Window(at)] if row.in_service else []
    facts = rules.Facts(expires_on=row.expires_on, safe_until=row.safe_until, windows=windows)
    against = rules.reasons_now(facts, at, day=timezone.localdate(at))
    return next((reason for reason in HELD_BACK if reason in against), None)


def line_by_code(code: str, at: datetime) -> Line | None:
    """Return the item with this code, which has not been archived, with the whole text of what is wrong."""
    deciding = Prefetch("repairs", Repair.objects.determining(), to_attr="determining_repairs")
    items = EquipmentItem.objects.in_use().filter(code=code).annotate(in_service=_in_service(at))
    rows = items.select_related("location").prefetch_related(deciding)
    return next((Line(row, next(iter(row.determining_repairs), None), _held_back(row, at)) for row in rows), None)


def known_issues(item: EquipmentItem) -> list[Repair]:
    """Return the open repairs of an item, the newest first, one more than are shown if there are more."""
    return list(Repair.objects.open().filter(item=item).order_by("-created", "-pk")[: MOST_ISSUES + 1])
