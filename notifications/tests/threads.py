"""Work beside the test, on a database connection of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import connection, connections

from notifications.tests.smtp import PATIENCE

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
    query = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    give_up = time.monotonic() + PATIENCE
    with connection.cursor() as cursor:
        while time.monotonic() < give_up:
            cursor.execute(query)
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    raise AssertionError("nobody came to wait for us")
