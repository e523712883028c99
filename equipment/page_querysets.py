"""Prepared queries of equipment for pages: an item with everything about it, and what rows of items carry.

Each takes a fixed number of queries, however many rows. What a page does not show of people and events is not read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from equipment.models import (
    Attachment,
    EquipmentItem,
    InspectionResult,
    Issue,
    ItemInspection,
    ItemReport,
    Link,
    PackedItem,
    Repair,
    ServiceWindow,
)
from events.querysets.events import sees_drafts
from medcover.common.prepared import KEY, MOMENT, PreparedQuery, prepared

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
    return _naming(Issue.objects.open().filter(item__in=p.items), "person")


@prepared(lists={"items": KEY}, at=MOMENT)
def _windows_left(p: Any) -> Any:
    return ServiceWindow.objects.filter(item__in=p.items).not_over(p.at).order_by("since")


@prepared(lists={"items": KEY})
def _determining(p: Any) -> Any:
    return Repair.objects.filter(item__in=p.items).determining()


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
    return _naming(PackedItem.objects.filter(item=p.item).open().visible(with_drafts=with_drafts), "event")


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
    return _naming(Repair.objects.of_item(p.item), "assignee")[:LISTED]


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
    return _naming(Issue.objects.filter(item=p.item), "person", "issued_by", "returned_by")[:LISTED]


@prepared(item=KEY)
def _packings(p: Any, with_drafts: bool) -> Any:
    rows = PackedItem.objects.filter(item=p.item).visible(with_drafts=with_drafts)
    return _naming(rows, "event", "taken_by", "returned_by")[:LISTED]


@prepared(item=KEY)
def _reports(p: Any) -> Any:
    return _naming(ItemReport.objects.filter(item=p.item), "person")[:LISTED]


@prepared(item=KEY)
def _windows(p: Any) -> Any:
    return _naming(ServiceWindow.objects.filter(item=p.item), "added_by")[:LISTED]


@prepared(item=KEY)
def _results(p: Any) -> Any:
    return InspectionResult.objects.filter(item=p.item).with_names()[:LISTED]


def _naming(rows: Any, *relations: str) -> Any:
    """Let rows be read whole, and of the people and events that they point at nothing but the name."""
    own = [field.name for field in rows.model._meta.concrete_fields]
    return rows.select_related(*relations).only(*own, *(f"{relation}__name" for relation in relations))
