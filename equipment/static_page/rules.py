"""When a push of the static page is tried again, and how what waits is merged; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

#: After the first failure, the second, and so on; every later one waits for the last of these.
_DELAYS = tuple(timedelta(seconds=seconds) for seconds in (30, 60, 120, 300, 900, 3600))
#: This many failures and it is given up.
MOST_ATTEMPTS = 10


def delay_after(failures: int) -> timedelta | None:
    """Return how long to wait at least after the failure of this number; None when it was the last one."""
    if failures >= MOST_ATTEMPTS:
        return None
    return _DELAYS[min(failures, len(_DELAYS)) - 1]


@dataclass(frozen=True)
class Waiting:
    """What of a waiting push the merging depends on."""

    attempts: int = 0
    next_attempt_at: datetime | None = None
    at_once: bool = False


def merged(waiting: Iterable[Waiting]) -> Waiting:
    """Return what all of them are as one.

    A target that refuses is not asked earlier because more has changed; but what is new has all its attempts.
    """
    rows = list(waiting)
    moments = [row.next_attempt_at for row in rows if row.next_attempt_at is not None]
    return Waiting(
        attempts=min((row.attempts for row in rows), default=0),
        next_attempt_at=max(moments, default=None),
        at_once=any(row.at_once for row in rows),
    )


def is_due(push: Waiting, at: datetime) -> bool:
    """Say whether a merged push is to be tried now."""
    return push.at_once or push.next_attempt_at is None or push.next_attempt_at <= at
