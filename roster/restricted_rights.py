"""Restricted rights: who has only a member's for the time of a request.

Kept by the person's key and not on an instance, because services read people anew under their locks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_person: ContextVar[Any] = ContextVar("person with only a member's rights", default=None)


@contextmanager
def held_back(person_id: Any) -> Iterator[None]:
    """Restrict the person of this key, None for nobody, to a member's rights inside the block."""
    token = _person.set(person_id)
    try:
        yield
    finally:
        _person.reset(token)


def is_held_back(person_id: Any) -> bool:
    """Say whether the person of this key acts as a member now."""
    return person_id is not None and _person.get() == person_id
