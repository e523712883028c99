"""Bulk changes: each row in a transaction of its own; what is refused is reported, not raised."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from medcover.common.errors import DomainError

Key = TypeVar("Key")


@dataclass
class BulkResult:
    """What a bulk change did: names of the changed rows, and names with reasons of the others."""

    changed: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)


def for_each(rows: Mapping[Key, str], change: Callable[[Key], object]) -> BulkResult:
    """Make one change with every row (key → name) in turn; `change` is a transaction of its own."""
    result = BulkResult()
    for key, name in rows.items():
        try:
            change(key)
        except DomainError as refusal:
            result.skipped.append((name, str(refusal)))
        else:
            result.changed.append(name)
    return result
