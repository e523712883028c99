"""Measuring how many messages wait in the outbox."""

from __future__ import annotations

from datetime import datetime, timedelta

from notifications.digest.models import QueueDepth
from notifications.models import OutboxMessage

#: So long a measurement is kept.
KEPT_FOR = timedelta(days=30)


def measure(*, at: datetime) -> int:
    """Note how many messages wait and forget what was measured too long ago; return how many wait."""
    pending = OutboxMessage.objects.pending().count()
    QueueDepth.objects.create(measured_at=at, pending=pending)
    QueueDepth.objects.measured_before(at - KEPT_FOR).delete()
    return pending
