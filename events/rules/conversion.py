"""Conversion between the staffing modes, on plain keys: what positions can say of conditions, and the reverse.

Pure and deterministic: the same event is always converted in the same way.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from events.rules.coverage import Demand, Held, Hierarchy, counted_once


@dataclass(frozen=True)
class Place:
    """A position that a condition becomes: what it demands, if anything, and whether it must be filled."""

    qualification: int | None = None
    is_optional: bool = False


def needed(demanded: Collection[int], hierarchy: Hierarchy) -> list[int]:
    """Return what a position that demands all of these really needs, in their order.

    Deleted qualifications are left out, and those that another demanded one stands in for anyway.
    """
    living = [key for key in demanded if key in hierarchy.accepted]
    return [key for key in living if not any(key != other and other in hierarchy.accepted[key] for other in living)]


def demands_of(mandatory: Iterable[Collection[int]], hierarchy: Hierarchy) -> list[Demand]:
    """Return the conditions that mandatory positions amount to, in the order in which they first demand something."""
    counted = Counter(key for demanded in mandatory for key in needed(demanded, hierarchy))
    return [Demand(key, count) for key, count in counted.items()]


def places_of(demands: Sequence[Demand], minimum: int, maximum: int) -> list[Place]:
    """Return the positions that a capacity with its conditions amounts to.

    One for each demanded person, then mandatory ones for anybody up to the minimum, then optional ones up to the
    maximum.
    """
    places = [Place(demand.qualification) for demand in demands for _n in range(demand.minimum)]
    places += [Place()] * max(0, minimum - len(places))
    return places + [Place(is_optional=True)] * max(0, maximum - len(places))


def seats_on(
    places: Sequence[Place], demands: Sequence[Demand], people: Sequence[Held], hierarchy: Hierarchy
) -> list[int | None]:
    """Return for each person, earliest first, the index of their place; None for those whom nothing is left for.

    As many as possible stand where something is demanded; the others take what is for anybody, mandatory first.
    """
    waiting: dict[int | None, deque[int]] = defaultdict(deque)
    for index, place in enumerate(places):
        waiting[place.qualification].append(index)
    counted = counted_once(demands, people, hierarchy)
    seats = [None if row is None else waiting[demands[row].qualification].popleft() for row in counted]
    for_anybody = waiting[None]
    return [for_anybody.popleft() if seat is None and for_anybody else seat for seat in seats]
