"""What the static page shows, read in three queries however much there is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Prefetch

from equipment.models import EquipmentItem, Repair, StorageLocation
from equipment.repairs.rules import Condition, Severity, Status, condition_of


@dataclass(frozen=True)
class Record:
    """An open repair as strangers see it."""

    status: str
    severity: str
    severity_label: str
    description: str
    eta: date | None


@dataclass(frozen=True)
class Item:
    """An item with its status; `records` are its open repairs, the worst first."""

    name: str
    condition: Condition
    eta: date | None = None
    records: Sequence[Record] = ()


@dataclass
class Section:
    """A location with its items; without a name it is what belongs nowhere."""

    name: str
    items: list[Item] = field(default_factory=list)


def read() -> list[Section]:
    """Return the locations in use that have items, in their order, each with its items by name."""
    locations = StorageLocation.objects.in_use().values_list("pk", "name")
    sections: dict[int | None, Section] = {pk: Section(name) for pk, name in locations}
    sections[None] = Section("")
    for row in EquipmentItem.objects.in_use().order_by("name_sort", "pk").prefetch_related(_open_repairs()):
        if section := sections.get(row.location_id):  # none for what lies in an archived location
            section.items.append(_item(row))
    return [section for section in sections.values() if section.items]


def _open_repairs() -> Prefetch:
    return Prefetch("repairs", Repair.objects.open().by_urgency(), to_attr="open_repairs")


def _item(row: EquipmentItem) -> Item:
    repairs: Sequence[Repair] = row.open_repairs  # type: ignore[attr-defined]
    if not repairs:
        return Item(row.name, condition_of(None))
    worst = repairs[0]
    return Item(row.name, condition_of(worst.severity), worst.eta, list(_records(repairs)))


def _records(repairs: Iterable[Repair]) -> Iterable[Record]:
    for repair in repairs:
        label = str(Severity(repair.severity).label) if repair.severity else ""
        yield Record(str(Status(repair.status).label), repair.severity, label, repair.description, repair.eta)
