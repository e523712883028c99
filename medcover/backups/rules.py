"""Pure decisions about backups: when one is due, which go, which can be restored."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from medcover.backups.names import moment_of

#: A daily backup that is older than this has been missed.
OVERDUE_AFTER = timedelta(hours=25)


def due_day(*, begins: time, at: datetime, zone: ZoneInfo) -> date | None:
    """Return the local day whose scheduled backup is due `at`, or None before its time.

    A time that the change of the clocks leaves out counts as reached with the hour after it.
    """
    local = at.astimezone(zone)
    return local.date() if local.time() >= begins else None


def to_prune(
    names: Iterable[str], *, keep_count: int, keep_days: int, at: datetime, good: Collection[str]
) -> list[str]:
    """Return which archives go, oldest first: those beyond the count, and those that are older than so many days.

    The newest good one stays, whatever its age and place, and so does everything when none is good.
    """
    newest_first = sorted(names, key=_moment, reverse=True)
    last_good = next((name for name in newest_first if name in good), None)
    if last_good is None:
        return []
    oldest = at - timedelta(days=keep_days)
    old = [name for place, name in enumerate(newest_first) if place >= keep_count or _moment(name) < oldest]
    return [name for name in reversed(old) if name != last_good]


def _moment(name: str) -> datetime:
    moment = moment_of(name)
    if moment is None:
        raise ValueError(f"Not an archive: {name}")
    return moment


def unknown_migrations(applied: Iterable[str], known: Collection[str]) -> list[str]:
    """Return the migrations ("app.name") of an archive that this version, being older, does not have."""
    return sorted(set(applied) - set(known))


def differences(expected: dict[str, int], found: dict[str, int]) -> list[str]:
    """Return the tables whose number of rows is not the expected one, or that are there on one side only."""
    return sorted(table for table in expected.keys() | found.keys() if expected.get(table) != found.get(table))
