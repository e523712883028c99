"""Coverage of an event's conditions by its crew: who can stand in for whom, and who is still missing.

The crew is matched to the demanded qualifications, one hierarchy at a time. Inside one hierarchy a person is
counted for one demand only; another hierarchy counts the same person again (a doctor who drives is both). Higher
qualifications are served first, and what is covered for them is never given up for a lower one.

Pure: plain keys in, plain numbers out. The result depends neither on the order of the crew nor on that of the
demands: the demands that get covered are the greedy basis of a transversal matroid, which is unique once the
priority is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from credentials.rules import Graph, ancestors


@dataclass(frozen=True)
class Hierarchy:
    """The living qualifications: who may stand in for what, and which belong together.

    `accepted` holds for each qualification itself and everything that may stand in for it; `group` gives the
    connected component it belongs to, by the smallest key in it. Direct holders of one in `leading` may be responsible
    person.
    """

    accepted: Mapping[int, frozenset[int]] = field(default_factory=dict)
    group: Mapping[int, int] = field(default_factory=dict)
    leading: frozenset[int] = frozenset()

    @classmethod
    def of(cls, living: Collection[int], parents: Graph, leading: Iterable[int] = ()) -> Hierarchy:
        """Build it from the living qualifications and the links child → parents; deleted ones cut the graph."""
        alive = set(living)
        graph = {child: {key for key in above if key in alive} for child, above in parents.items() if child in alive}
        accepted = {key: frozenset(ancestors(graph, key) | {key}) for key in alive}
        return cls(accepted, _components(alive, graph), frozenset(leading))

    def satisfies(self, held: Collection[int], qualification: int) -> bool:
        """Say whether somebody who holds `held` covers `qualification`; nobody covers a deleted one."""
        return not self.accepted.get(qualification, frozenset()).isdisjoint(held)


def _components(keys: Iterable[int], graph: Graph) -> dict[int, int]:
    """Return for each key the smallest key that it is connected with, whatever the direction of the links."""
    near: dict[int, set[int]] = defaultdict(set)
    for child, above in graph.items():
        for parent in above:
            near[child].add(parent)
            near[parent].add(child)
    found: dict[int, int] = {}
    for start in sorted(keys):
        if start not in found:
            found |= dict.fromkeys(ancestors(near, start) | {start}, start)
    return found


@dataclass(frozen=True)
class Demand:
    """One condition: at least `minimum` people who cover `qualification`."""

    qualification: int
    minimum: int


@dataclass(frozen=True)
class Covered:
    """How far one demand is met."""

    demand: Demand
    covered: int

    @property
    def deficit(self) -> int:
        """People still missing for this demand."""
        return self.demand.minimum - self.covered


@dataclass(frozen=True)
class Coverage:
    """How far all demands are met, in the order in which they were given."""

    rows: Sequence[Covered] = ()

    @property
    def deficit(self) -> int:
        """People still missing, over all demands."""
        return sum(row.deficit for row in self.rows)

    @property
    def covered(self) -> int:
        """Demanded people who are there, over all demands."""
        return sum(row.covered for row in self.rows)


#: What one person holds on the day of duty.
Held = Collection[int]


def cover(demands: Sequence[Demand], crew: Sequence[Held], hierarchy: Hierarchy) -> Coverage:
    """Return how far the crew covers the demands."""
    groups: dict[int, list[Demand]] = defaultdict(list)
    for demand in demands:
        # A deleted qualification has no group; nobody covers it.
        groups[hierarchy.group.get(demand.qualification, -1)].append(demand)
    covered: dict[int, int] = {}
    for members in groups.values():
        covered |= _cover_group(sorted(members, key=lambda demand: _priority(demand, hierarchy)), crew, hierarchy)
    return Coverage([Covered(demand, covered[demand.qualification]) for demand in demands])


def _priority(demand: Demand, hierarchy: Hierarchy) -> tuple[int, int]:
    """What the fewest qualifications may stand in for is the highest and comes first."""
    return len(hierarchy.accepted.get(demand.qualification, ())), demand.qualification


def _cover_group(demands: Sequence[Demand], crew: Sequence[Held], hierarchy: Hierarchy) -> dict[int, int]:
    """Match people to the demands of one hierarchy; return how many each of them got, by qualification."""
    fitting = [[row for row, demand in enumerate(demands) if hierarchy.satisfies(held, demand.qualification)]
               for held in crew]  # fmt: skip
    matching = Matching(len(demands), fitting)
    return {
        demand.qualification: matching.fill(row, min(demand.minimum, len(crew))) for row, demand in enumerate(demands)
    }


class Matching:
    """People on demands, each person on one at most; grows by augmenting paths."""

    def __init__(self, rows: int, fitting: Sequence[Sequence[int]]) -> None:
        self._able: list[list[int]] = [[] for _row in range(rows)]
        for person, demands in enumerate(fitting):
            for row in demands:
                self._able[row].append(person)
        self._place: list[int | None] = [None] * len(fitting)

    @property
    def places(self) -> Sequence[int | None]:
        """The demand that each person is on, in the order of the people; None for those who are on none."""
        return self._place

    def fill(self, row: int, wanted: int) -> int:
        """Put up to `wanted` people on `row`, moving others aside without taking anybody's demand back."""
        return next((count for count in range(wanted) if not self._augment(row)), wanted)

    def _augment(self, row: int) -> bool:
        """Search breadth-first for a free person, along people who could move from their demand to another."""
        reached: dict[int, tuple[int, int] | None] = {row: None}  # demand → (demand before it, person who moves)
        queue = [row]
        for here in queue:
            for person in self._able[here]:
                there = self._place[person]
                if there is None:
                    self._move_along(reached, here, person)
                    return True
                if there not in reached:
                    reached[there] = (here, person)
                    queue.append(there)
        return False

    def _move_along(self, reached: Mapping[int, tuple[int, int] | None], here: int, person: int) -> None:
        self._place[person] = here
        while (step := reached[here]) is not None:
            before, moving = step
            self._place[moving] = before
            here = before


def counted_once(demands: Sequence[Demand], crew: Sequence[Held], hierarchy: Hierarchy) -> list[int | None]:
    """Return for each person the index of the one demand that they are counted for, over all hierarchies.

    As `cover`, but a person who could serve several hierarchies serves one. The people's order matters only among
    those who hold the same.
    """
    order = sorted(range(len(demands)), key=lambda index: _priority(demands[index], hierarchy))
    fitting = [[row for row, index in enumerate(order) if hierarchy.satisfies(held, demands[index].qualification)]
               for held in crew]  # fmt: skip
    matching = Matching(len(order), fitting)
    for row, index in enumerate(order):
        matching.fill(row, min(demands[index].minimum, len(crew)))
    return [None if row is None else order[row] for row in matching.places]
