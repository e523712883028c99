"""Equipment of the large organisation made for measuring: an item for three people, and what all events need.

Every type has plans of inspections, every item results of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import connection, transaction

from equipment.models import (
    EquipmentItem,
    EquipmentType,
    EventPlan,
    InspectionPlan,
    InspectionResult,
    Issue,
    ServiceWindow,
    StorageLocation,
)
from equipment.services import standings
from events.load.inserting import Inserting
from events.models import Event
from medcover.common.db import Named
from roster.models import User

_TYPES = ("AED", "Batoh", "Nosítka", "Vysílačka", "Stan", "Matrace", "Dlaha", "Kyslík", "Odsávačka", "Lékárnička")
_LOCATIONS = tuple(f"Sklad {letter}" for letter in "ABCDEFGH")
_EVERY = 3

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
