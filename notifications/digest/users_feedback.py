"""What users have written, as the admin digest tells it."""

from __future__ import annotations

from datetime import datetime

from medcover.system.models import UserFeedback
from notifications.digest import sources
from notifications.digest.sources import FeedbackEntry


def register() -> None:
    """Tell the digest where feedback comes from."""
    sources.register_feedback(newest)


def newest(since: datetime, until: datetime, most: int) -> tuple[list[FeedbackEntry], int]:
    """Return the newest feedback sent after `since` and until `until`, at most so many, and how many there are."""
    found = UserFeedback.objects.filter(submitted__gt=since, submitted__lte=until)
    rows = found.select_related("user").order_by("-submitted", "-id")[:most]
    return [FeedbackEntry(row.submitted, str(row.user or ""), row.message) for row in rows], found.count()
