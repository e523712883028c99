"""Prepared queries of equipment for pages: an item with everything about it, and what rows of items carry.

Each takes a fixed number of queries, however many rows. What a page does not show of people and events is not read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from equipment.models import (
    Attachment,
    EquipmentItem,
    EquipmentType,
    InspectionPlan,
    InspectionResult,
    Issue,
    ItemInspection,
    ItemReport,
    Link,
    PackedItem,
    Repair,
    ServiceWindow,
    StorageLocation,
)
from events.models import Event
from events.querysets.events import sees_drafts
from medcover.common.prepared import KEY, MOMENT, UUID, PreparedQuery, prepared

#: So many former holders, services, repairs and reports of an item are listed; the record has all of them.
LISTED = 20

# --- what rows of items carry ------------------------------------------------------------------------------------


def attach_state(items: Sequence[Any], at: datetime) -> None:
    """Let items carry `open_issues`, `windows_left` and `determining_repairs`, as their queryset's methods do."""
    attach_holders(items)
    _attach("windows_left", _windows_left, items, at=at)
    _attach("determining_repairs", _determining, items)


def attach_holders(items: Sequence[Any]) -> None:
    """Let items carry `open_issues`: the open issue with its person, or nothing; one query for all."""
    _attach("open_issues", _open_issues, items)


def _attach(name: str, asked: PreparedQuery, items: Sequence[Any], **values: Any) -> None:
    found = defaultdict(list)
    for row in asked(items=[item.pk for item in items], **values) if items else ():
        found[row.item_id].append(row)
    for item in items:
        setattr(item, name, found[item.pk])


@prepared(lists={"items": KEY})
def _open_issues(p: Any) -> Any:
    return naming(Issue.objects.open().filter(item__in=p.items), "person")


@prepared(lists={"items": KEY}, at=MOMENT)
def _windows_left(p: Any) -> Any:
    return ServiceWindow.objects.filter(item__in=p.items).not_over(p.at).order_by("since")


@prepared(lists={"items": KEY})
def _determining(p: Any) -> Any:
    return Repair.objects.filter(item__in=p.items).determining()


# --- events ------------------------------------------------------------------------------------------------------


def read_event(key: int, reader: Any) -> Event | None:
    """Read an event; None for one that the reader may not know about."""
    with_drafts = sees_drafts(reader)
    found: Event | None = None if with_drafts is None else _event.first(with_drafts, key=key)
    return found


@prepared(key=KEY)
def _event(p: Any, with_drafts: bool) -> Any:
    return Event.objects.visible(with_drafts=with_drafts).filter(pk=p.key)


# --- lists -------------------------------------------------------------------------------------------------------


def read_rows(keys: Iterable[int], reader: Any, at: datetime) -> list[Any]:
    """Read the items of these keys, in their order, with what a row of the list shows; four queries at the most.

    They carry what their state depends on, and `packed_for` as `with_packing` does.
    """
    wanted = list(keys)
    found = in_order(wanted, _rows(sees_drafts(reader), items=wanted)) if wanted else []
    attach_state(found, at)
    return found


def in_order(keys: Sequence[int], rows: Iterable[Any]) -> list[Any]:
    """Put rows into the order of their keys; those that are gone by now are left out."""
    read = {row.pk: row for row in rows}
    return [read[key] for key in keys if key in read]


@prepared(lists={"items": KEY})
def _rows(p: Any, with_drafts: bool | None) -> Any:
    rows = EquipmentItem.objects.filter(pk__in=p.items).select_related("type", "location").order_by()
    return rows.with_packing_seen(with_drafts=with_drafts)


def read_inspections(keys: Iterable[int]) -> list[Any]:
    """Read how items stand with plans, of these keys and in their order, with what a row of the list shows."""
    wanted = list(keys)
    return in_order(wanted, _inspection_rows(keys=wanted)) if wanted else []


@prepared(lists={"keys": KEY})
def _inspection_rows(p: Any) -> Any:
    rows = ItemInspection.objects.filter(pk__in=p.keys).order_by()
    return rows.select_related("item__type", "item__location", "plan", "last_result").only(*_OF_INSPECTION)


_OF_INSPECTION = (
    "due_on", "uses", "item__name", "item__place", "item__type__icon", "item__type__name", "item__location__name",
    "plan__name", "plan__uses", "plan__is_safety", "plan__remind_days", "last_result__done_on", "last_result__outcome",
)  # fmt: skip


def read_held(person: Any, at: datetime) -> list[Any]:
    """Read the items that the person has, by name, with what their state depends on."""
    items = _held(person=person.pk)
    attach_state(items, at)
    return items


@prepared(person=UUID)
def _held(p: Any) -> Any:
    return EquipmentItem.objects.held_by(p.person).select_related("type").order_by("name_sort", "pk")


def count_held(person: Any) -> int:
    """Return how many items the person has."""
    return len(_issues_to(person=person.pk))


@prepared(person=UUID)
def _issues_to(p: Any) -> Any:
    return Issue.objects.open().of(p.person).order_by().values_list("pk", flat=True)


# --- what filters offer ------------------------------------------------------------------------------------------


@prepared()
def types_offered(_p: Any) -> Any:
    """Types of equipment, as they are named."""
    return EquipmentType.objects.only("icon", "name")


@prepared()
def locations_offered(_p: Any) -> Any:
    """Storage locations in use, as they are named."""
    return StorageLocation.objects.in_use().only("name")


@prepared()
def plans_offered(_p: Any) -> Any:
    """Plans of inspections in use, as they are named, with their types."""
    return InspectionPlan.objects.in_use().by_name().only("name", "type__name")


# --- the page of one item ----------------------------------------------------------------------------------------


def read_item(key: int, at: datetime) -> Any | None:
    """Read an item with type, location and what its state depends on; None when there is none."""
    item = _item.first(key=key)
    if item is not None:
        attach_state([item], at)
    return item


@prepared(key=KEY)
def _item(p: Any) -> Any:
    return EquipmentItem.objects.filter(pk=p.key).select_related("type", "location")


def packed_now(item: Any, reader: Any) -> Any | None:
    """Read where the item is, with the event; None when it is at none of which the reader may know."""
    with_drafts = sees_drafts(reader)
    return None if with_drafts is None else _packed_now.first(with_drafts, item=item.pk)


@prepared(item=KEY)
def _packed_now(p: Any, with_drafts: bool) -> Any:
    return naming(PackedItem.objects.filter(item=p.item).open().visible(with_drafts=with_drafts), "event")


def files_of(item: Any) -> tuple[list[Any], list[Any]]:
    """Read the photos and the documents of the item, the newest first."""
    files = _files(item=item.pk)
    photos = [file for file in files if file.kind == Attachment.Kind.PHOTO]
    return photos, [file for file in files if file.kind == Attachment.Kind.DOCUMENT]


@prepared(item=KEY)
def _files(p: Any) -> Any:
    return Attachment.objects.filter(item=p.item)


def links_of(item: Any) -> list[Any]:
    """Read the links of the item, the newest first."""
    return _links(item=item.pk)


@prepared(item=KEY)
def _links(p: Any) -> Any:
    return Link.objects.filter(item=p.item)


def inspections_of(item: Any) -> list[Any]:
    """Read how the item stands with each plan of its type, what is due first, with the plan and the last result."""
    return _inspections(item=item.pk)


@prepared(item=KEY)
def _inspections(p: Any) -> Any:
    return ItemInspection.objects.filter(item=p.item).select_related("plan", "last_result").by_day()


def repairs_of(item: Any) -> list[Any]:
    """Read the latest repairs of the item, the newest first, with whoever works on them."""
    return _repairs(item=item.pk)


@prepared(item=KEY)
def _repairs(p: Any) -> Any:
    return naming(Repair.objects.of_item(p.item), "assignee")[:LISTED]


# --- its history -------------------------------------------------------------------------------------------------


def history_of(item: Any, reader: Any) -> dict[str, list[Any]]:
    """Read what has happened to the item, the latest of each sort first; events of which the reader may know."""
    with_drafts = sees_drafts(reader)
    return {
        "issues": _issues(item=item.pk),
        "packings": [] if with_drafts is None else _packings(with_drafts, item=item.pk),
        "reports": _reports(item=item.pk),
        "windows": _windows(item=item.pk),
        "results": _results(item=item.pk),
    }


@prepared(item=KEY)
def _issues(p: Any) -> Any:
    return naming(Issue.objects.filter(item=p.item), "person", "issued_by", "returned_by")[:LISTED]


@prepared(item=KEY)
def _packings(p: Any, with_drafts: bool) -> Any:
    rows = PackedItem.objects.filter(item=p.item).visible(with_drafts=with_drafts)
    return naming(rows, "event", "taken_by", "returned_by")[:LISTED]


@prepared(item=KEY)
def _reports(p: Any) -> Any:
    return naming(ItemReport.objects.filter(item=p.item), "person")[:LISTED]


@prepared(item=KEY)
def _windows(p: Any) -> Any:
    return naming(ServiceWindow.objects.filter(item=p.item), "added_by")[:LISTED]


@prepared(item=KEY)
def _results(p: Any) -> Any:
    return InspectionResult.objects.filter(item=p.item).with_names()[:LISTED]


def naming(rows: Any, *relations: str) -> Any:
    """Let rows be read along with the people and events that they point at, of which nothing but the name."""
    unread = []
    for relation in relations:
        fields = rows.model._meta.get_field(relation).related_model._meta.concrete_fields
        unread += [f"{relation}__{field.name}" for field in fields if field.name != "name" and not field.primary_key]
    return rows.select_related(*relations).defer(*unread)
