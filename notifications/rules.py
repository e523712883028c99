"""Pure decisions about delivery."""

from __future__ import annotations

from datetime import datetime, timedelta

#: Waits after the first, second, … failed attempt; the attempt after the last wait is the final one.
BACK_OFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)


def next_attempt(attempts: int, at: datetime) -> datetime | None:
    """Return when to try again after `attempts` failures (>= 1), or None when it is time to give up."""
    return at + BACK_OFF[attempts - 1] if attempts <= len(BACK_OFF) else None
