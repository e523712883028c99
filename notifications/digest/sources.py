"""Facts that other apps give to blocks which are declared here: each registers a function, until then nothing is known.

Backups have no table yet; whoever makes one registers where its facts come from, and the block tells them without being
changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise


@dataclass(frozen=True)
class BackupState:
    """What is known of the stored backups; `schedule` says in words of its own when they are made, empty: never."""

    count: int
    most: int
    total_bytes: int
    last_at: datetime | None
    schedule: str = ""


@dataclass(frozen=True)
class FeedbackEntry:
    """Something that a user wrote to the administrators; `author` is empty when the account is gone."""

    sent_at: datetime
    author: str
    message: str


@dataclass(frozen=True)
class Figure:
    """A number for the statistics of the installation, under a word that is translated when it is read."""

    code: str
    label: str | Promise
    count: Callable[[datetime], int]


#: Returns the state of the backups at a moment.
Backups = Callable[[datetime], BackupState]
#: Returns the newest entries of an interval, so many at most, and how many there are in all.
Feedback = Callable[[datetime, datetime, int], tuple[list[FeedbackEntry], int]]


_backups: list[Backups] = []
_feedback: list[Feedback] = []
_figures: dict[str, list[Figure]] = {}


def register_backups(source: Backups) -> None:
    """Tell the digest where the facts about backups come from."""
    _backups[:] = [source]


def register_feedback(source: Feedback) -> None:
    """Tell the digest where the feedback of users comes from."""
    _feedback[:] = [source]


def register_figures(group: str, *figures: Figure) -> None:
    """Add numbers to one group of the statistics: "users" or "events"."""
    _figures[group] = list(figures)


def backups() -> Backups | None:
    """Return what tells about backups; None while nothing does."""
    return _backups[0] if _backups else None


def feedback() -> Feedback | None:
    """Return what tells the feedback of users; None while nothing does."""
    return _feedback[0] if _feedback else None


def figures(group: str) -> list[Figure]:
    """Return the numbers of one group."""
    return _figures.get(group, [])
