"""Worker jobs of this app."""

from __future__ import annotations

from django.utils import timezone

from credentials import expiry


def remind_of_expiry() -> int:
    """Remind of qualifications that are about to expire; every hour of the day, so that no morning is missed."""
    return expiry.remind_of_expiry(at=timezone.now())
