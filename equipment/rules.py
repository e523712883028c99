"""Rules about the availability of an item. Pure decisions on plain values; all spans are half-open."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import Enum, auto

from medcover.common.intervals import overlaps


@dataclass(frozen=True)
class Window:
    """A time out of service; without `until` it has no end."""

    since: datetime
    until: datetime | None = None

    @property
    def end(self) -> datetime:
        """The end, as a moment that can be compared."""
        return self.until or _FOREVER


_FOREVER = datetime.max.replace(tzinfo=UTC)


class WindowState(Enum):
    """Where a window lies as seen from a moment."""

    COMING = auto()
    ACTIVE = auto()
    OVER = auto()


class Reason(Enum):
    """Why an item does not count."""

    ARCHIVED = auto()
    LOST = auto()
    EXPIRED = auto()
    IN_SERVICE = auto()
    DOWN = auto()
    INSPECTION_OVERDUE = auto()


#: Why an item is not handed out that no repair tells: the status by repairs does not change by them.
BESIDES_REPAIRS = (Reason.EXPIRED, Reason.IN_SERVICE, Reason.INSPECTION_OVERDUE)


@dataclass(frozen=True)
class Facts:
    """What availability depends on. Who has the item is not part of it: holders bring theirs along."""

    is_archived: bool = False
    is_lost: bool = False
    expires_on: date | None = None
    windows: Collection[Window] = ()
    #: The last day on which all inspections hold that safety depends on.
    safe_until: date | None = None
    #: An open repair keeps it from being used, whatever the time that is asked about.
    is_down: bool = False


def state_of(window: Window, at: datetime) -> WindowState:
    """Say whether a window is to come, under way or over at a moment."""
    if at < window.since:
        return WindowState.COMING
    return WindowState.ACTIVE if at < window.end else WindowState.OVER


def touching(window: Window, others: Iterable[Window]) -> list[Window]:
    """Return the windows that share time with this one."""
    return [other for other in others if overlaps(window.since, window.end, other.since, other.end)]


def reasons_against(facts: Facts, start: datetime, end: datetime, *, last_day: date) -> set[Reason]:
    """Return why an item does not count for the time from `start` to `end`; empty: it does.

    `last_day` is the local day on which that time ends; on its last day of use, or of an inspection, an item still
    counts.
    """
    found = {Reason.ARCHIVED: facts.is_archived, Reason.LOST: facts.is_lost}
    found[Reason.DOWN] = facts.is_down
    found[Reason.EXPIRED] = facts.expires_on is not None and facts.expires_on < last_day
    found[Reason.INSPECTION_OVERDUE] = facts.safe_until is not None and facts.safe_until < last_day
    found[Reason.IN_SERVICE] = bool(touching(Window(start, end), facts.windows))
    return {reason for reason, holds in found.items() if holds}


def reasons_now(facts: Facts, at: datetime, *, day: date) -> set[Reason]:
    """Return why an item cannot be used at a moment; `day` is the local day of it."""
    found = reasons_against(replace(facts, windows=()), at, at, last_day=day)
    in_service = any(state_of(window, at) is WindowState.ACTIVE for window in facts.windows)
    return found | ({Reason.IN_SERVICE} if in_service else set())
