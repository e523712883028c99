"""Base of all factories: rows that are there when a test begins."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import factory
from django.db import models

from medcover.system import audit


class RowFactory(factory.django.DjangoModelFactory):
    """A factory whose rows have no history: the record begins with what the test does.

    Telling how a row came to be takes longer than making it, and tests make some forty thousand of them.
    """

    class Meta:
        abstract = True
        skip_postgeneration_save = True

    @classmethod
    def _generate(cls, strategy: str, params: dict[str, Any]) -> Any:
        with audit.unrecorded():
            return super()._generate(strategy, params)


def relate(new: models.Model, field: str, rows: Iterable[models.Model]) -> None:
    """Relate a row just made to others; its relation is empty, so there is nothing to compare with."""
    relation: Any = getattr(new, field)
    here, there = relation.source_field_name, relation.target_field_name
    relation.through.objects.bulk_create(relation.through(**{here: new, there: row}) for row in rows)


def recorded(row: Any) -> Any:
    """Give a row that a factory has made the first entry of its history."""
    audit.created([row])
    return row
