"""Health of background processes, judged by their heartbeats; pure decisions on moments."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum, auto

#: The worker beats every ten seconds; three missed beats are a reason to look.
LATE_AFTER = timedelta(seconds=30)
#: A job runs once a minute; three that did not are a reason to look.
NO_JOBS_AFTER = timedelta(minutes=3)
#: After so long it does not run any more.
SILENT_AFTER = timedelta(minutes=5)


class Pulse(Enum):
    """Health of a background process."""

    ALIVE = auto()
    LATE = auto()
    SILENT = auto()
    NEVER = auto()


def pulse(beat_at: datetime | None, *, at: datetime) -> Pulse:
    """Judge a process by its last beat; None means that there was none."""
    if beat_at is None:
        return Pulse.NEVER
    silence = at - beat_at
    if silence < LATE_AFTER:
        return Pulse.ALIVE
    return Pulse.LATE if silence < SILENT_AFTER else Pulse.SILENT


def jobs_are_done(done_at: datetime | None, *, at: datetime) -> bool:
    """Say whether a process that lives also works; nothing is said of one that has just begun."""
    return done_at is None or at - done_at < NO_JOBS_AFTER
