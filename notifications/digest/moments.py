"""Moments and windows of time in the facts of blocks."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from notifications.digest.options import Options


def window(options: Options, at: datetime) -> datetime:
    """Return when the window of so many hours has begun that ends `at`."""
    return at - timedelta(hours=options["hours"])


def moment(fact: str | None) -> datetime | None:
    """Read a moment as the facts hold it."""
    return datetime.fromisoformat(fact) if fact else None


def day(fact: str | None) -> date | None:
    """Read a day as the facts hold it."""
    return date.fromisoformat(fact) if fact else None


def with_moments(row: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return the row with these facts as moments."""
    return {**row, **{name: moment(row[name]) for name in names}}
