"""Reminders of unfilled places: the schedule of an event, and which of its reminders are due; on plain values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

DEFAULT_SCHEDULE = "72"
#: Hours before the start; nobody is reminded earlier.
EARLIEST = 90 * 24


def offsets_in(schedule: str) -> list[int]:
    """Return the whole hours before the start that a schedule names, the earliest reminder first.

    What is no whole number of hours, or more than the earliest, is ignored; the default stands in for nothing.
    """
    words = [word.strip() for word in schedule.split(",")]
    hours = {int(word) for word in words if word.isascii() and word.isdigit() and len(word) <= len(str(EARLIEST))}
    return sorted((hour for hour in hours if 0 < hour <= EARLIEST), reverse=True) or [int(DEFAULT_SCHEDULE)]


def normalised(schedule: str) -> str:
    """Return the schedule as it is kept: "72, 24"."""
    return ", ".join(map(str, offsets_in(schedule)))


def due_offsets(schedule: str, sent: Mapping[str, str], *, start: datetime, at: datetime) -> list[int]:
    """Return the offsets whose moment has come and of which nobody has been told since.

    `sent` holds by offset when its reminder went out, in ISO form: an event moved to a later day is reminded of anew.
    """
    if at >= start:
        return []
    moments = {offset: start - timedelta(hours=offset) for offset in offsets_in(schedule)}
    return [offset for offset, moment in moments.items() if moment <= at and not _sent_since(sent, offset, moment)]


def _sent_since(sent: Mapping[str, str], offset: int, moment: datetime) -> bool:
    written = sent.get(str(offset))
    return written is not None and datetime.fromisoformat(written) >= moment
