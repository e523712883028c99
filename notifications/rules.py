"""Pure decisions about messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import IntegerChoices
from django.utils.translation import gettext_lazy as _

from medcover.common.text import tidy

#: Waits after the first, second, … failed attempt; the attempt after the last wait is the final one.
BACK_OFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)

#: The same for posts in Slack.
SLACK_BACK_OFF = (
    timedelta(seconds=30),
    timedelta(minutes=1),
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=15),
    *(timedelta(minutes=60),) * 4,
)

SUBJECT_LENGTH = 255

#: Up to when an event counts as near, as coming and as distant; what is later is far away.
HORIZONS = (timedelta(hours=24), timedelta(days=7), timedelta(days=28))


class Priority(IntegerChoices):
    """Smaller goes first."""

    AUTH = 0, _("account")
    NORMAL = 10, _("normal")


def next_attempt(attempts: int, at: datetime, waits: Sequence[timedelta] = BACK_OFF) -> datetime | None:
    """Return when to try again after `attempts` failures (>= 1), or None when it is time to give up."""
    return at + waits[attempts - 1] if attempts <= len(waits) else None


def delay(start: datetime, at: datetime, minutes: Sequence[int]) -> timedelta:
    """Return how long news about something that begins at `start` wait for more; what has begun counts as near.

    `minutes` has one number for each horizon, nearest first, and one for what lies beyond the last.
    """
    return timedelta(minutes=minutes[sum(start - at >= horizon for horizon in HORIZONS)])


def earlier(waiting: datetime | None, new: datetime | None) -> datetime | None:
    """Return when a merged message may leave: merging never postpones, and None means at once."""
    return None if waiting is None or new is None else min(waiting, new)


def later(wanted: datetime | None, rested: datetime | None) -> datetime | None:
    """Return when a message may leave that is wanted from one moment on and has to rest until another."""
    return wanted if rested is None else rested if wanted is None else max(wanted, rested)


def subject_line(text: str) -> str:
    """Return `text` as a subject: one line, so that no name can smuggle in a header, of limited length."""
    return tidy(text)[:SUBJECT_LENGTH]
