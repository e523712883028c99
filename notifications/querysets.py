"""Reads of the outbox."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

#: A message left in `sending` for longer than this is looked at again; whether its worker is really
#: gone is then decided by the advisory lock, not by the clock.
ORPHAN_AFTER = timedelta(seconds=60)


class OutboxQuerySet(models.QuerySet):
    """Messages."""

    def pending(self) -> OutboxQuerySet:
        """Messages that still wait for their first or next attempt."""
        return self.filter(status="pending")

    def failed(self) -> OutboxQuerySet:
        """Messages given up after the last attempt."""
        return self.filter(status="failed")

    def deliverable(self, at: datetime) -> OutboxQuerySet:
        """Due messages, account mail first, then in order of creation."""
        due = Q(status="pending") & (Q(send_after__isnull=True) | Q(send_after__lte=at))
        orphaned = Q(status="sending", claimed_at__lte=at - ORPHAN_AFTER)
        return self.filter(due | orphaned).order_by("priority", "created_at", "id")

    def about(self, topic: str) -> OutboxQuerySet:
        """Messages about one thing."""
        return self.filter(topic=topic)
