"""Equipment of the large organisation made for measuring.

An item for three people, with three plans of inspections and results of them, and what all events need; a kind of
consumable for ten people, each with ten lots. A third of the items is issued, a fifth packed for the next events; each
has five open repairs, one of them reported on the public pages, and a closed one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any, TypeVar

from django.db import connection, transaction

from equipment.models import (
    Consumable,
    EquipmentItem,
    EquipmentType,
    EventPlan,
    InspectionPlan,
    InspectionResult,
    Issue,
    Lot,
    Movement,
    PackedItem,
    Repair,
    RepairEntry,
    ServiceWindow,
    StorageLocation,
)
from equipment.repairs.rules import OPEN, Severity, Status
from equipment.services import standings
from events.load.inserting import Inserting
from events.models import Event
from medcover.common.db import Named
from roster.models import User

_TYPES = ("AED", "Batoh", "Nosítka", "Vysílačka", "Stan", "Matrace", "Dlaha", "Kyslík", "Odsávačka", "Lékárnička")
_LOCATIONS = tuple(f"Sklad {letter}" for letter in "ABCDEFGH")
_EVERY = 3
_PEOPLE_FOR_A_KIND, _LOTS = 10, 10
#: Every which item is packed, and for how many events.
_PACKED_EVERY, _PACKED_FOR = 5, 20
_REPAIRS = 6

Row = TypeVar("Row", bound=Named)


@transaction.atomic
def build(*, at: datetime) -> int:
    """Make equipment for the people who are there, the same each time; return how many items."""
    inserting = Inserting(0, None)
    people = list(User.objects.active().order_by("email").values_list("pk", flat=True))
    types = [_named(EquipmentType(name=name)) for name in _TYPES]
    locations = [_named(StorageLocation(name=name)) for name in _LOCATIONS]
    inserting.insert(EquipmentType, types)
    inserting.insert(StorageLocation, locations)
    items = [
        _named(
            EquipmentItem(
                name=f"{_TYPES[number % len(types)]} {number + 1:04d}",
                type=types[number % len(types)],
                location=locations[number % len(locations)],
                serial_number=f"SN{number:06d}",
            )
        )
        for number in range(len(people) // _EVERY)
    ]
    inserting.insert(EquipmentItem, items)
    inserting.insert(Issue, [*_issues(items, people, at)])
    inserting.insert(ServiceWindow, [*_windows(items, at)])
    _consumables(inserting, len(people) // _PEOPLE_FOR_A_KIND, locations, at)
    inserting.insert(PackedItem, [*_packed(items, at)])
    repairs = [*_repairs(items, people, at)]
    inserting.insert(Repair, repairs)
    inserting.insert(RepairEntry, [*_entries(repairs)])
    _inspections(inserting, types, items, people, at)
    inserting.insert(EventPlan, [*_plans(types)])
    _look_after_itself()
    return len(items)


def _look_after_itself() -> None:
    """Let the planner of the database know what has been inserted."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _plans(types: list[EquipmentType]) -> Iterator[EventPlan]:
    """Yield for each event what it needs of one, two or three types."""
    for number, event in enumerate(Event.objects.order_by("start", "pk").values_list("pk", flat=True)):
        for place in range(1 + number % 3):
            kind = types[(number + 3 * place) % len(types)]
            yield EventPlan(event_id=event, type=kind, quantity=1 + (number + place) % 2)


def _named(row: Row) -> Row:
    row.set_name_keys()
    return row


def _issues(items: list[EquipmentItem], people: list[Any], at: datetime) -> Iterator[Issue]:
    """Yield for each item who had it once, and for every third who has it."""
    for number, item in enumerate(items):
        days = timedelta(days=20 + number % 300)
        yield Issue(item=item, person_id=people[-1 - number], issued_at=at - 2 * days, returned_at=at - days)
        if number % _EVERY == 0:
            yield Issue(item=item, person_id=people[number], issued_at=at - days / 2)


def _windows(items: list[EquipmentItem], at: datetime) -> Iterator[ServiceWindow]:
    """Yield a service of every tenth item, some over, some under way, some to come."""
    for number, item in enumerate(items[::10]):
        since = at + timedelta(days=number % 90 - 45)
        yield ServiceWindow(item=item, since=since, until=since + timedelta(days=14), reason="Revize")


def _inspections(
    inserting: Inserting, types: list[EquipmentType], items: list[EquipmentItem], people: list[Any], at: datetime
) -> None:
    """Insert checks of all types with their results, and reckon how the items stand with them."""
    plans = [_named(plan) for plan in _checks(types)]
    inserting.insert(InspectionPlan, plans)
    inserting.insert(InspectionResult, [*_results(items, plans, people, at)])
    standings.rebuild([item.pk for item in items])


def _checks(types: list[EquipmentType]) -> Iterator[InspectionPlan]:
    """Yield three checks of every type: on which safety depends, a short one, and one by use."""
    for kind in types:
        yield InspectionPlan(type=kind, name="BTK", months=24, is_safety=True, checklist="Stav\nFunkce")
        yield InspectionPlan(type=kind, name="Kontrola", months=6)
        yield InspectionPlan(type=kind, name="Po použití", uses=20)


def _results(
    items: list[EquipmentItem], plans: list[InspectionPlan], people: list[Any], at: datetime
) -> Iterator[InspectionResult]:
    """Yield for each item and each check by the calendar two results; by now one in fifteen is overdue."""
    of_type: dict[Any, list[InspectionPlan]] = {}
    for plan in plans:
        if plan.months:
            of_type.setdefault(plan.type_id, []).append(plan)
    for number, item in enumerate(items):
        for plan in of_type[item.type_id]:
            cycle = timedelta(days=30 * (plan.months or 0))
            age = cycle * (14 - number % 15) / 13
            for moment in (at - age - cycle, at - age):
                yield InspectionResult(
                    item=item,
                    plan=plan,
                    done_on=moment.date(),
                    outcome="passed",
                    done_by_id=people[number % len(people)],
                    recorded_at=moment,
                    ticked=plan.checklist,
                )


def _consumables(inserting: Inserting, kinds: int, locations: list[StorageLocation], at: datetime) -> None:
    """Make kinds with lots of which some have expired, and a ledger that agrees with them."""
    made = [
        _named(Consumable(name=f"Materiál {number + 1:04d}", unit="ks", minimum=number % 90)) for number in range(kinds)
    ]
    inserting.insert(Consumable, made)
    lots = [*_lots(made, locations, at)]
    inserting.insert(Lot, lots)
    inserting.insert(Movement, [*_movements(lots, at)])


def _lots(kinds: list[Consumable], locations: list[StorageLocation], at: datetime) -> Iterator[Lot]:
    today = at.date()
    for kind_number, kind in enumerate(kinds):
        for number in range(_LOTS):
            yield Lot(
                consumable=kind,
                number=f"L{kind_number:04d}-{number}",
                location=locations[number % len(locations)],
                expires_on=today + timedelta(days=60 * number + kind_number % 200 - 120),
                received_on=today - timedelta(days=400 - number),
                quantity=(kind_number + number) % 12,
            )


def _movements(lots: list[Lot], at: datetime) -> Iterator[Movement]:
    """Yield for each lot what came and what has been used of it."""
    for lot in lots:
        moment = at - timedelta(days=400)
        yield Movement(lot=lot, quantity=lot.quantity + 5, kind=Movement.Kind.RECEIVED, at=moment)
        yield Movement(lot=lot, quantity=-5, kind=Movement.Kind.USED, at=moment + timedelta(days=30))


def _packed(items: list[EquipmentItem], at: datetime) -> Iterator[PackedItem]:
    """Yield for each item an event from which it came back, and for every fifth one for which it is packed."""
    before = list(Event.objects.filter(end__lt=at).order_by("-end", "pk")[:50])
    coming = list(Event.objects.not_archived().running().filter(start__gt=at).order_by("start", "pk")[:_PACKED_FOR])
    for item, event in zip(items, cycle(before), strict=False):
        returned = PackedItem.Outcome.IN_ORDER
        yield PackedItem(item=item, event=event, taken_at=event.start, returned_at=event.end, outcome=returned)
    for item, event in zip(items[::_PACKED_EVERY], cycle(coming), strict=False):
        yield PackedItem(item=item, event=event, taken_at=at)


def _repairs(items: list[EquipmentItem], people: list[Any], at: datetime) -> Iterator[Repair]:
    """Yield six repairs of each item: the open statuses in turn, and one item in twenty is down."""
    for number, item in enumerate(items):
        for place in range(_REPAIRS):
            status = OPEN[(number + place) % len(OPEN)] if place else Status.RESOLVED
            severity = Severity.DOWN if place == 1 and number % 20 == 0 else ("", "unsure", "degraded")[place % 3]
            yield Repair(
                item=item,
                status=status,
                severity=severity,
                description=f"Nedrží baterie, už podruhé. Nahlášeno po akci číslo {number}.",
                **_reporter(people, number, place),
                assignee_id=None if status == Status.NEW else people[-1 - number],
                created=at - timedelta(days=(number * 7 + place * 11) % 200, minutes=number),
            )


def _reporter(people: list[Any], number: int, place: int) -> dict[str, Any]:
    """Return who has reported it: of the repairs of each item one came from the public pages."""
    if place < _REPAIRS - 1:
        return {"reporter_id": people[number]}
    return {"reporter_name": f"Kolemjdoucí {number:04d}", "reporter_email": f"stranger{number:04d}@example.org"}


def _entries(repairs: list[Repair]) -> Iterator[RepairEntry]:
    """Yield how each began, and how it came to where it is."""
    for number, repair in enumerate(repairs):
        about = {"repair": repair, "author_id": repair.reporter_id}
        called = repair.reporter_name
        yield RepairEntry(kind=RepairEntry.Kind.CREATED, created=repair.created, author_name=called, **about)
        if repair.status != Status.NEW:
            moved = repair.created + timedelta(hours=number % 48)
            yield RepairEntry(kind=RepairEntry.Kind.STATUS, old=Status.NEW, new=repair.status, created=moved, **about)
