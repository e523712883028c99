"""Rules about qualifications: the graph of substitution on plain keys, and when expiry is told. Pure decisions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta

#: How many days before its last day people are reminded of a qualification.
EXPIRY_REMINDERS = (90, 30, 7)

#: child → its parents, whose holders may stand in for it
Graph = Mapping[int, Collection[int]]


def ancestors(graph: Graph, start: int) -> set[int]:
    """Return everything reachable from `start` by following parents; safe on graphs with cycles."""
    found: set[int] = set()
    waiting = list(graph.get(start, ()))
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(graph.get(node, ()))
    return found


def would_close_cycle(graph: Graph, child: int, parents: Collection[int]) -> bool:
    """Say whether giving `child` these parents makes it its own ancestor."""
    proposed = {**graph, child: parents}
    return child in ancestors(proposed, child)


def closure(graph: Graph, living: Collection[int]) -> set[tuple[int, int]]:
    """Return all pairs (requirement, substitute) between living qualifications, each with itself.

    Deleted nodes of the graph connect their neighbours but appear in no pair.
    """
    alive = set(living)
    return {(node, other) for node in alive for other in (ancestors(graph, node) | {node}) & alive}


def expiry_windows(today: date) -> list[tuple[int, date]]:
    """Return for each reminder the last day of the qualifications that it is about today, the widest first."""
    return [(days, today + timedelta(days=days)) for days in EXPIRY_REMINDERS]


def expiry_reminder_due(valid_until: date | None, today: date, reminded: int | None) -> int | None:
    """Return which reminder is due of a qualification valid until that day, of which was `reminded` last.

    The nearest one whose day has come; the ones before it need not be made up for. None when it has been sent, and
    for a qualification that has expired or never will.
    """
    if valid_until is None:
        return None
    left = (valid_until - today).days
    reached = [days for days in EXPIRY_REMINDERS if 0 <= left <= days]
    due = min(reached, default=None)
    return due if due is not None and (reminded is None or due < reminded) else None
