"""Work beside the test, on a database connection of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import connection, connections

from notifications.tests.smtp import wait_until

Start = Callable[..., Future]


@contextmanager
def beside(workers: int = 2) -> Iterator[Start]:
    """Yield a function that starts another one in a thread; at the end all of them have finished."""
    with ThreadPoolExecutor(workers) as pool:
        yield lambda work, *args, **kwargs: pool.submit(_with_own_connection, work, args, kwargs)


def _with_own_connection(work: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    try:
        return work(*args, **kwargs)
    finally:
        connections.close_all()


def wait_until_somebody_waits_for_us() -> None:
    """Return once another connection waits for what this one's transaction holds."""
    wait_until(lambda: _any_lock("NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"))


def wait_until_nobody_sends() -> None:
    """Return once the database has noticed that a killed worker is gone."""
    here = "(SELECT oid FROM pg_database WHERE datname = current_database())"
    wait_until(lambda: not _any_lock(f"locktype = 'advisory' AND database = {here}"))


def _any_lock(condition: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT FROM pg_locks WHERE {condition})")
        return bool(cursor.fetchone()[0])
