"""Audit entries of one service, written by one statement."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

#: Entries in one statement.
BATCH = 500

_gathered: ContextVar[list[Any] | None] = ContextVar("audit entries to be written together", default=None)


def gather(entry: Any) -> bool:
    """Keep a complete entry until the service at hand ends; False where nothing is gathered."""
    gathered = _gathered.get()
    if gathered is None:
        return False
    gathered.append(entry)
    return True


@contextmanager
def recorded_together() -> Iterator[None]:
    """Write the entries made inside at its end, in their order, by one statement.

    To be opened inside a transaction, and once more inside a savepoint that may be undone alone: of several inside
    each other the outermost one writes, and entries of what fails are forgotten with it.
    """
    outer = _gathered.get()
    gathered: list[Any] = [] if outer is None else outer
    before, token = len(gathered), _gathered.set(gathered)
    try:
        yield
    except BaseException:
        del gathered[before:]
        raise
    finally:
        _gathered.reset(token)
    if outer is None and gathered:
        type(gathered[0]).objects.bulk_create(gathered, batch_size=BATCH)
