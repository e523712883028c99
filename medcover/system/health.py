"""Health of background processes, judged by their heartbeats; pure decisions on moments."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum, auto

#: The worker beats once a minute; three missed beats are a reason to look.
LATE_AFTER = timedelta(minutes=3)


class Pulse(Enum):
    """Health of a background process."""

    ALIVE = auto()
    LATE = auto()
    NEVER = auto()


def pulse(beat_at: datetime | None, *, at: datetime) -> Pulse:
    """Judge a process by its last beat; None means that there was none."""
    if beat_at is None:
        return Pulse.NEVER
    return Pulse.ALIVE if at - beat_at <= LATE_AFTER else Pulse.LATE
