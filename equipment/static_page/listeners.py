"""Signal receivers for what alters the static page; each only asks for a push."""

from __future__ import annotations

from typing import Any

from equipment.models import Repair
from equipment.signals import item_changed, location_changed, repair_changed
from equipment.static_page import pushing
from medcover.backups.signals import data_restored

#: What the page shows of a repair, an item, a location.
REPAIR, ITEM, LOCATION = (
    frozenset({"status", "severity", "eta"}),
    frozenset({"name", "location_id", "is_archived"}),
    frozenset({"name", "sort_order", "is_archived"}),
)


def connect() -> None:
    """Connect the receivers."""
    repair_changed.connect(_repair, dispatch_uid="equipment.static_page.repair")
    item_changed.connect(_item, dispatch_uid="equipment.static_page.item")
    location_changed.connect(_location, dispatch_uid="equipment.static_page.location")
    data_restored.connect(_everything, dispatch_uid="equipment.static_page.everything")


def _repair(*, before: Repair | None, after: Repair, **_kwargs: object) -> None:
    if before is None or any(getattr(before, name) != getattr(after, name) for name in REPAIR):
        pushing.ask()


def _item(*, changed: Any, **_kwargs: object) -> None:
    if ITEM & set(changed):
        pushing.ask()


def _location(*, changed: Any, **_kwargs: object) -> None:
    if LOCATION & set(changed):
        pushing.ask()


def _everything(**_kwargs: object) -> None:
    pushing.ask()
