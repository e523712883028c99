"""Reads of the digest's blocks and of the measured queue."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Max


class BlockQuerySet(models.QuerySet):
    """Blocks."""

    def in_order(self) -> BlockQuerySet:
        """Blocks as they follow each other in the mail."""
        return self.order_by("order", "pk")

    def enabled(self) -> BlockQuerySet:
        """Blocks that are part of the mail."""
        return self.filter(enabled=True)

    def of_kind(self, kind: str) -> BlockQuerySet:
        """Blocks of one kind."""
        return self.filter(kind=kind)

    def last_place(self) -> int:
        """Return the number of the last block; 0 when there is none."""
        return int(self.aggregate(last=Max("order"))["last"] or 0)


BlockManager = models.Manager.from_queryset(BlockQuerySet)


class QueueDepthQuerySet(models.QuerySet):
    """Measurements of the outbox."""

    def measured_between(self, since: datetime, until: datetime) -> QueueDepthQuerySet:
        """Measurements in the half-open interval that ends with `until`, which belongs to it."""
        return self.filter(measured_at__gt=since, measured_at__lte=until)

    def highest(self) -> int | None:
        """Return the largest number measured; None when nothing was."""
        found: int | None = self.aggregate(highest=Max("pending"))["highest"]
        return found

    def measured_before(self, moment: datetime) -> QueueDepthQuerySet:
        """Measurements older than `moment`."""
        return self.filter(measured_at__lt=moment)


QueueDepthManager = models.Manager.from_queryset(QueueDepthQuerySet)
