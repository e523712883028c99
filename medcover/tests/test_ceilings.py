"""How many statements the pages of everyday cost, on two sizes of data, and what the planner thinks of them.

What a statement costs in time is measured by `script/bench`; here is held what does not depend on the machine.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from debriefing import load as debriefing
from equipment import load as equipment
from events.load.build import build
from events.load.shape import Shape
from medcover.bench.pages import PAGES, Page, World

SMALLER, LARGER = Shape(40, 90), Shape(60, 200)
#: How many times more coming events a large organisation has, which is what most estimates grow with.
LARGE = Shape(2_000, 10_000).coming / LARGER.coming
#: Django notes them down as well; the database has nothing to do for them.
_BRACKETS = {"BEGIN", "COMMIT"}

#: Statement → what the planner expects it to cost.
Costs = list[tuple[str, float]]


@pytest.fixture
def costs(transactional_db, django_db_setup) -> dict[Shape, dict[str, Costs]]:
    """The statements of each page on data of both sizes."""
    return {shape: _all_pages(django_db_setup, shape) for shape in (SMALLER, LARGER)}


def _all_pages(pristine, shape: Shape) -> dict[str, Costs]:
    try:
        build(shape, at=timezone.now())
        equipment.build(at=timezone.now())
        debriefing.build(at=timezone.now())
        world = World()
        return {page.key: [(sql, _cost(sql)) for sql in _statements_of(page, world)] for page in PAGES}
    finally:
        pristine.restore()


def _statements_of(page: Page, world: World) -> list[str]:
    client, address = Client(), page.address(world)
    client.force_login(page.opened_by(world), backend=settings.LOGIN_BACKEND[settings.AUTH_MODE])
    assert client.get(address).status_code == 200  # the first request of a session writes it
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in captured.captured_queries if query["sql"] not in _BRACKETS]


def _cost(sql: str) -> float:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        return cursor.fetchone()[0][0]["Plan"]["Total Cost"]


def test_what_the_pages_of_everyday_cost(costs):
    """One test for all pages, because making the data takes long: several would make them in each process."""
    few, many = ({key: len(statements) for key, statements in costs[shape].items()} for shape in (SMALLER, LARGER))
    ceilings = {page.key: page.statements for page in PAGES if page.statements is not None}
    assert few.keys() == many.keys() == {page.key for page in PAGES}
    assert {key: many[key] for key, ceiling in ceilings.items() if many[key] > ceiling} == {}, "Above the ceiling."
    assert {key: many[key] for key in many if many[key] > few[key]} == {}, "More for more data."
    assert list(_dear(costs[LARGER])) == []


def _dear(costs: dict[str, Costs]) -> Iterator[tuple[str, str, float]]:
    """Yield the statements so dear that the server would compile them, which takes longer than running them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setting::float FROM pg_settings WHERE name = 'jit_above_cost'")
        (limit,) = cursor.fetchone()
    for key, statements in costs.items():
        yield from ((key, sql, cost) for sql, cost in statements if cost * LARGE > limit)
