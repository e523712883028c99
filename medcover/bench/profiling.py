"""Profile of one request: where its time goes, by kind of work, by function, and by statement."""

from __future__ import annotations

import cProfile
import pstats
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection
from django.test import Client

from medcover.bench.client import HOST, cookies_of
from medcover.bench.pages import Page, World

#: What a file belongs to, by a part of its path; the first that fits counts.
_KINDS = (
    ("database", ("psycopg", "django/db/backends/utils", "django/db/backends/postgresql")),
    ("building SQL and rows", ("django/db/",)),
    ("templates", ("django/template", "django/utils/html", "django/utils/safestring", "templatetags")),
    ("translation and formats", ("gettext", "django/utils/translation", "django/utils/formats", "dateformat")),
    ("forms and admin", ("django/forms", "django/contrib/admin", "crispy_forms", "django_filters")),
    ("our own code", ("/events/", "/roster/", "/medcover/", "/credentials/", "/notifications/", "/reports/")),
)
OTHER = "everything else"

#: File, line, name.
Function = tuple[str, int, str]

_WARM_UP, _FUNCTIONS, _PARTS, _WIDTH = 3, 15, 45, 150


def profile(page: Page, world: World) -> Iterator[str]:
    """Yield lines about one request, made inside this process."""
    client, address = _client(page, world), page.address(world)
    for _number in range(_WARM_UP):
        client.get(address, secure=True, headers={"host": HOST})
    statements: list[tuple[float, str]] = []
    seconds = _with_statements(client, address, statements)
    yield f"{page.title}: {address}"
    yield f"{seconds * 1000:.0f} ms, of which {sum(took for took, _sql in statements) * 1000:.0f} ms in the database"
    yield ""
    yield from _of_statements(statements)
    yield from _of_functions(_profiled(client, address))


def _client(page: Page, world: World) -> Client:
    client = Client(SERVER_NAME=HOST)
    for cookie in cookies_of(page.opened_by(world)).split("; "):
        name, _equals, value = cookie.partition("=")
        client.cookies[name] = value
    return client


def _with_statements(client: Client, address: str, statements: list[tuple[float, str]]) -> float:
    def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        begun = time.perf_counter()
        try:
            return execute(sql, *rest)
        finally:
            statements.append((time.perf_counter() - begun, sql))

    begun = time.perf_counter()
    with connection.execute_wrapper(note):
        client.get(address, secure=True, headers={"host": HOST})
    return time.perf_counter() - begun


def _of_statements(statements: list[tuple[float, str]]) -> Iterator[str]:
    yield f"{len(statements)} statements (ms, letters, gist):"
    for took, sql in statements:
        yield f"  {took * 1000:7.1f}  {len(sql):6}  {gist(sql)}"
    yield ""


def gist(sql: str) -> str:
    """Return what a statement does and where, without the columns that it lists."""
    line = " ".join(sql.split())
    verb, space, rest = line.partition(" ")
    _columns, begin, tables = rest.partition(" FROM ")
    return (f"{verb} … FROM {tables}" if verb == "SELECT" and begin else f"{verb}{space}{rest}")[:_WIDTH]


def _profiled(client: Client, address: str) -> pstats.Stats:
    profiler = cProfile.Profile()
    profiler.enable()
    client.get(address, secure=True, headers={"host": HOST})
    profiler.disable()
    return pstats.Stats(profiler)


def _of_functions(stats: pstats.Stats) -> Iterator[str]:
    entries: dict[Function, tuple[int, int, float, float, Any]] = stats.stats  # type: ignore[attr-defined]
    by_kind: Counter[str] = Counter()
    for function, (_calls, _all, own, _sum, callers) in entries.items():
        for kind, seconds in _shares(function, own, callers):
            by_kind[kind] += seconds  # type: ignore[assignment]
    total = sum(by_kind.values())
    yield "By kind of work (the profiler itself makes everything slower; look at the shares):"
    for kind, own in by_kind.most_common():
        yield f"  {own / total:5.0%}  {kind}"
    yield ""
    yield "Functions, by the time spent in them alone (share, calls):"
    ranked = sorted(entries.items(), key=lambda entry: -entry[1][2])[:_FUNCTIONS]
    for (file, line, name), (_calls, calls, own, _cumulative, _callers) in ranked:
        yield f"  {own / total:5.1%}  {calls:7}  {name}  {_short(file)}:{line}"
    yield ""
    yield "Parts of the request, by the time spent in them and in all they call (share, calls):"
    parts = [(function, entry) for function, entry in entries.items() if _is_part(function[0])]
    for (file, line, name), (_calls, calls, _own, cumulative, _callers) in sorted(parts, key=lambda p: -p[1][3])[
        :_PARTS
    ]:
        yield f"  {cumulative / total:5.1%}  {calls:7}  {name}  {_short(file)}:{line}"


def _is_part(file: str) -> bool:
    """Our own functions, and those of templates that render a node."""
    return kind_of(file, "") == "our own code" or "templatetags" in file or "django/template/loader" in file


def _shares(function: Function, own: float, callers: dict[Function, Any]) -> Iterator[tuple[str, float]]:
    """Yield to what kinds of work the time of a function belongs; what Python brings along to those of its callers."""
    kind = kind_of(function[0], function[2])
    if kind != OTHER or not callers:
        yield kind, own
        return
    for caller, (_calls, _all, of_caller, _sum) in callers.items():
        yield kind_of(caller[0], caller[2]), of_caller


def kind_of(file: str, name: str) -> str:
    """Say what kind of work a function does."""
    if "psycopg" in name:
        return "database"
    return next((kind for kind, parts in _KINDS if any(part in file for part in parts)), OTHER)


def _short(file: str) -> str:
    return file.rpartition("site-packages/")[2]
