"""Audit context: who is acting, on which event, and why; every audit entry is completed from it.

A service opens a trail around its writes; entries made inside inherit it. Trails nest, and an inner
one inherits what it does not say itself. Held in a context variable, so threads never see each other's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Trail:
    """What is known about the change in progress; `actor` None means the system itself."""

    actor: Any = None
    event_id: int | None = None
    kind: str = ""
    summary: object = ""


_NOTHING = Trail()
_current: ContextVar[Trail] = ContextVar("audit_trail", default=_NOTHING)


def current_trail() -> Trail:
    """Return the innermost open trail, or an empty one outside any service."""
    return _current.get()


@contextmanager
def trail(*, by: Any = None, event_id: int | None = None, kind: str = "", summary: object = "") -> Iterator[None]:
    """Attribute every audit entry made inside to `by`; `kind` and `summary` describe this step only."""
    outer = _current.get()
    inner = Trail(
        actor=by if by is not None else outer.actor,
        event_id=event_id if event_id is not None else outer.event_id,
        kind=kind,
        summary=summary,
    )
    token = _current.set(inner)
    try:
        yield
    finally:
        _current.reset(token)
