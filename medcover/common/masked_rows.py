"""Masking of a person in the text columns of rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Model, Q, QuerySet

from medcover.common.db import Named, Versioned
from medcover.common.masking import Mask, Needle


def mentioning(rows: QuerySet, fields: Iterable[str], needle: Needle) -> QuerySet:
    """Return the rows in one of whose text columns the needle stands."""
    if not needle:
        return rows.none()
    found = Q()
    for name in fields:
        found |= Q(**{f"{name}__regex": needle.rough}) & Q(**{f"{name}__regex": needle.exact})
    return rows.filter(found)


def mask_rows(rows: Iterable[Model], fields: Iterable[str], mask: Mask) -> int:
    """Mask text columns of locked rows, past the audit record; return how many rows changed.

    The version rises, so that no form opened before brings the old words back.
    """
    names = list(fields)
    return sum(_mask_row(row, {name: _masked(row, name, mask) for name in names}) for row in rows)


def _masked(row: Model, column: str, mask: Mask) -> str:
    """A short name may give way to something longer than the column has room for."""
    room = row._meta.get_field(column).max_length  # type: ignore[union-attr]
    return mask.text(getattr(row, column))[:room]


def _mask_row(row: Model, masked: dict[str, str]) -> bool:
    changed: dict[str, Any] = {name: text for name, text in masked.items() if text != getattr(row, name)}
    if not changed:
        return False
    for name, text in changed.items():
        setattr(row, name, text)
    if isinstance(row, Named) and "name" in changed:
        row.set_name_keys()
        changed |= {"name_sort": row.name_sort, "name_search": row.name_search}
    if isinstance(row, Versioned):
        row.raise_version()
        changed["version"] = row.version
    type(row)._base_manager.filter(pk=row.pk).update(**changed)
    return True
