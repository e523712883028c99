"""Equipment of the large organisation that is made for measuring: one item for three people, a third of them issued."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction

from equipment.models import EquipmentItem, EquipmentType, Issue, ServiceWindow, StorageLocation
from events.load.inserting import Inserting
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
    return len(items)


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
