"""Rules about the graph of qualifications: pure decisions, on plain keys."""

from __future__ import annotations

from collections.abc import Collection, Mapping

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
