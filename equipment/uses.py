"""What counts as a use of an item, wherever it is counted: the one place that knows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from equipment.models import Issue


def moments_of_use(item_ids: Iterable[Any]) -> dict[Any, list[datetime]]:
    """Return when each of the items was used, in order of time: whenever somebody got it.

    What was never used is left out.
    """
    found: dict[Any, list[datetime]] = defaultdict(list)
    for item_id, moment in _uses(list(item_ids)):
        found[item_id].append(moment)
    return {item_id: sorted(moments) for item_id, moments in found.items()}


def _uses(item_ids: list[Any]) -> Iterator[tuple[Any, datetime]]:
    """Yield item and moment of each use, from every table that knows of some."""
    yield from Issue.objects.filter(item__in=item_ids).order_by().values_list("item", "issued_at")
