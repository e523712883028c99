"""Seasons for tests, as the parse stage gives them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from itertools import count
from typing import Any

from events.season.importing.report import SeasonReport
from events.season.importing.run import import_season
from events.season.reading.records import Doubt, Season, SheetEvent, SheetPerson

#: The moment of all imports in tests, and a day before and one after it.
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
PAST, COMING = date(2026, 10, 3), date(2027, 5, 15)

_rows = count(3)


def sheet_event(name: str = "Pouť", day: date = COMING, **values: Any) -> SheetEvent:
    """An event from ten to four that nobody is named on."""
    plain = {
        "row": next(_rows), "start_time": time(10), "end_time": time(16), "location": "", "contact_person": "",
        "responsible_person": "", "description": "", "paid": False, "time_missing": False, "cancelled": False,
        "signups": (),
    }  # fmt: skip
    return SheetEvent(name=name, day=day, **(plain | values))


def sheet_person(name: str, email: str = "", **values: Any) -> SheetPerson:
    """A person who is neither medic nor driver."""
    plain = {"row": next(_rows), "gs_name": name, "phone": "", "is_medic": False, "is_driver": False}
    return SheetPerson(name=name, email=email, **(plain | values))


def season(*rows: SheetEvent | SheetPerson, doubts: tuple[Doubt, ...] = ()) -> Season:
    """A season of these rows."""
    return Season(
        events=tuple(row for row in rows if isinstance(row, SheetEvent)),
        people=tuple(row for row in rows if isinstance(row, SheetPerson)),
        skipped=(),
        doubts=doubts,
    )


def bring_in(*rows: SheetEvent | SheetPerson, **options: Any) -> SeasonReport:
    """Import a season of these rows."""
    return import_season(season(*rows), **({"by": None, "at": NOW} | options))


def doubts(report: SeasonReport) -> list[str]:
    """Return the sentences of all doubts."""
    return [remark.message for remark in report.doubtful]
