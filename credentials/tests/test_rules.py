"""The graph of qualifications against slow and simple computations of the same."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from credentials import rules

SIZE = 6
NODES = range(SIZE)

edges = st.sets(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)), max_size=12)
#: Links only from smaller to larger keys: never a cycle.
acyclic = edges.map(lambda found: {(child, parent) for child, parent in found if child < parent})
some_nodes = st.sets(st.sampled_from(NODES))


def graph_of(links: set[tuple[int, int]]) -> dict[int, list[int]]:
    return {child: [parent for start, parent in links if start == child] for child, _parent in links}


def reach(links: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """All pairs joined by one step or more, found by joining pairs until nothing new appears."""
    found = set(links)
    while True:
        more = {(a, d) for (a, b), (c, d) in product(found, found) if b == c} - found
        if not more:
            return found
        found |= more


@given(edges)
def test_ancestors_are_what_can_be_reached_also_around_cycles(links):
    reached = reach(links)
    for node in NODES:
        assert rules.ancestors(graph_of(links), node) == {parent for child, parent in reached if child == node}


@given(edges, some_nodes)
def test_closure_is_reachability_between_living_and_each_with_itself(links, living):
    expected = {(node, node) for node in living} | {(a, b) for a, b in reach(links) if a in living and b in living}
    assert rules.closure(graph_of(links), living) == expected


@given(acyclic, st.sampled_from(NODES), some_nodes)
def test_a_cycle_is_foreseen_exactly_when_it_would_arise(links, child, parents):
    proposed = {(start, parent) for start, parent in links if start != child} | {(child, parent) for parent in parents}
    has_cycle = any(a == b for a, b in reach(proposed))
    assert rules.would_close_cycle(graph_of(links), child, parents) == has_cycle


@given(acyclic, some_nodes, some_nodes)
def test_deleting_takes_pairs_away_and_never_adds_any(links, living, deleted):
    graph = graph_of(links)
    before, after = rules.closure(graph, living), rules.closure(graph, living - deleted)
    assert after == {(a, b) for a, b in before if a not in deleted and b not in deleted}


def test_substitution_is_one_way():
    doctor, rescuer, medic = 1, 2, 3
    pairs = rules.closure({medic: [rescuer], rescuer: [doctor]}, {doctor, rescuer, medic})
    assert (medic, doctor) in pairs
    assert (doctor, medic) not in pairs


def test_a_deleted_one_in_the_middle_still_connects():
    doctor, rescuer, medic = 1, 2, 3
    pairs = rules.closure({medic: [rescuer], rescuer: [doctor]}, {doctor, medic})
    assert pairs == {(doctor, doctor), (medic, medic), (medic, doctor)}
