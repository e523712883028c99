"""Querysets of what has been taken to events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q

from events.querysets.events import sees_drafts
from events.rules.lifecycle import FINAL, Status


class PackedItemQuerySet(models.QuerySet):
    """Items taken to events."""

    def open(self) -> PackedItemQuerySet:
        """Those of which nobody has said yet what became of them."""
        return self.filter(returned_at__isnull=True)

    def not_back(self, at: datetime) -> PackedItemQuerySet:
        """Those that should be back: their event is over, cancelled or put away."""
        over = Q(event__end__lte=at) | Q(event__status__in=FINAL) | Q(event__is_archived=True)
        return self.open().filter(over)

    def visible_to(self, reader: Any) -> PackedItemQuerySet:
        """Those of events that the reader may know about."""
        return self.visible(with_drafts=sees_drafts(reader))

    def visible(self, *, with_drafts: bool | None) -> PackedItemQuerySet:
        """The same for whoever sees events, drafts among them or not; None for whoever sees no event at all."""
        if with_drafts is None:
            return self.none()
        return self if with_drafts else self.exclude(event__status=Status.DRAFT)

    def with_names(self) -> PackedItemQuerySet:
        """Read with each the item, the people and what was said about its state."""
        return self.select_related("item__type", "taken_by", "returned_by", "report")

    def by_name(self) -> PackedItemQuerySet:
        """Put them in the order of their items."""
        return self.order_by("item__type__name_sort", "item__name_sort", "pk")
