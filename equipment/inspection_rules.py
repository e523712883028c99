"""Rules of repeating checks: until when one holds. Pure decisions on plain values."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import Enum, auto

from medcover.common.intervals import day_bounds, local_day

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Repeat:
    """When a check comes round again: after so many months, after so many uses, or whichever is sooner."""

    months: int | None = None
    uses: int | None = None


@dataclass(frozen=True)
class Check:
    """One check that was made. `next_due` is a day that the inspector has set in place of the reckoned one."""

    done_on: date
    passed: bool
    recorded_at: datetime
    next_due: date | None = None


@dataclass(frozen=True)
class Standing:
    """How an item stands with a check.

    `due_on` is the last day on which it is in order; from the next one the check is overdue. None: nothing is due yet.
    """

    due_on: date | None
    #: Since the last check that was passed.
    uses: int = 0


class State(Enum):
    """How a check is seen on a day."""

    FAILED = auto()
    OVERDUE = auto()
    SOON = auto()
    FINE = auto()


def add_months(day: date, months: int) -> date:
    """Return the day so many calendar months later, at the latest the last one of its month: 31 Jan + 1 = 28 Feb."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def counts_uses_from(check: Check, zone: tzinfo) -> datetime:
    """Return since when ended uses count after a check.

    Recorded on its own day, it lies between the uses of that day. Recorded later, nobody knows: the whole day counts.
    """
    if local_day(check.recorded_at, zone) == check.done_on:
        return check.recorded_at
    return day_bounds(check.done_on, zone)[0]


def standing(
    repeat: Repeat, checks: Sequence[Check], uses: Sequence[datetime], *, begin: date, zone: tzinfo
) -> Standing:
    """Say until when an item is in order.

    `checks`, and `uses` by the moments at which they ended, are in order of time. Without a check that was passed,
    months are counted from `begin`. What an inspector sets wins over the months, not over the uses. A failed
    check, and the last use that was left, end it at once: on the day before.
    """
    last = max((place for place, check in enumerate(checks) if check.passed), default=-1)
    passed = checks[last] if last >= 0 else None
    counted = [use for use in uses if passed is None or use >= counts_uses_from(passed, zone)]
    ends = [_day_before(check.done_on) for check in checks[last + 1 :]]
    if passed is not None and passed.next_due is not None:
        ends.append(passed.next_due)
    elif repeat.months is not None:
        ends.append(add_months(passed.done_on if passed else begin, repeat.months))
    if repeat.uses is not None and len(counted) >= repeat.uses:
        ends.append(_day_before(local_day(counted[repeat.uses - 1], zone)))
    return Standing(min(ends, default=None), len(counted))


def _day_before(day: date) -> date:
    return day - _DAY if day > date.min else day


def state_of(due_on: date | None, *, failed: bool, today: date, remind_days: int) -> State:
    """Say how a check is seen on a day; `failed` tells how the last one ended."""
    if failed:
        return State.FAILED
    if due_on is None:
        return State.FINE
    if due_on < today:
        return State.OVERDUE
    return State.SOON if (due_on - today).days <= remind_days else State.FINE
