"""What counts as a use of an item, wherever it is counted: the one place that knows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from equipment.models import Issue, PackedItem


def moments_of_use(item_ids: Iterable[Any]) -> dict[Any, list[datetime]]:
    """Return when each use of the items ended, in order of time: when somebody gave it back, or it came from an event.

    A use counts when it is over: an item may finish the duty that it was handed out for. What was never used is left
    out.
    """
    found: dict[Any, list[datetime]] = defaultdict(list)
    for item_id, moment in _uses(list(item_ids)):
        found[item_id].append(moment)
    return {item_id: sorted(moments) for item_id, moments in found.items()}


def _uses(item_ids: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Yield item and moment of each use, from every table that knows of some."""
    for model in (Issue, PackedItem):
        over = model.objects.filter(item__in=item_ids, returned_at__isnull=False)
        yield from over.order_by().values_list("item", "returned_at")
