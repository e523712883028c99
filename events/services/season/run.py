"""The import as one transaction, by whichever road the season was read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, tzinfo
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.importing.doubts import Doubt, DoubtKind
from events.importing.payload import USERS
from events.importing.people import TITLE as PEOPLE
from events.importing.records import Season, SheetEvent
from events.models import Event, MasterEvent
from events.services.locking import lock_master, one_at_a_time, require
from events.services.masters import ensure_general
from events.services.season import events, people
from events.services.season.directory import Directory
from events.services.season.qualifications import managed_qualifications
from events.services.season.report import Part, Remark, RowNotes, SeasonReport, write_row
from events.services.season.setting import Setting
from medcover.common.errors import DomainError
from medcover.common.intervals import day_bounds, local_day

Progress = Callable[[int, int], None]

#: How the two forms of a season call the list of people.
_LISTS_OF_PEOPLE = frozenset({PEOPLE, USERS})


def no_progress(_done: int, _total: int) -> None:
    """Report nothing."""


@transaction.atomic
def import_season(
    season: Season,
    *,
    by: Any,
    at: datetime,
    master: MasterEvent | None = None,
    dry_run: bool = False,
    progress: Progress = no_progress,
) -> SeasonReport:
    """Write people and events of the season; events that exist already are left as they are.

    An event exists when one of the same name stands on the same local day, so running twice creates nothing
    twice. A row that cannot be written is reported and the others go on. With `dry_run` everything is done and
    rolled back. `progress` hears of each finished event. Raises NotAllowed, DomainError; an error leaves the
    database untouched.
    """
    require(by, "system.manage_settings")
    one_at_a_time("events.import_season")
    setting = _setting(season, lock_master((master or ensure_general()).pk), by=by, at=at)
    report = setting.report
    people.bring_in(season.people, setting)
    _bring_in_events(season.events, setting, progress)
    report.sort()
    if dry_run:
        transaction.set_rollback(True)
    return report


def _setting(season: Season, master: MasterEvent, *, by: Any, at: datetime) -> Setting:
    """Prepare what all rows share; people are locked before anything touches their events."""
    if master.is_archived:
        raise DomainError(_("The master event is archived."))
    directory = Directory(shared=_shared_names(season))
    directory.lock(season)
    report = _report_of_source(season)
    managed = managed_qualifications(report, by=by, at=at)
    return Setting(master, managed, directory, report, timezone.get_current_timezone(), by, at)


def _bring_in_events(rows: Sequence[SheetEvent], setting: Setting, progress: Progress) -> None:
    known = _known_events(rows, setting.zone)
    for done, row in enumerate(rows, start=1):
        notes = RowNotes(Part.EVENTS, row.row, row.name)
        key = (row.name.casefold(), row.day)
        if key in known:
            notes.skipped(_("An event of this name already exists on this day."))
            setting.report.take_over(notes.report)
        elif write_row(setting.report, notes, partial(events.bring_in, row, setting, notes)):
            known.add(key)
        progress(done, len(rows))


def _known_events(rows: Sequence[SheetEvent], zone: tzinfo) -> set[tuple[str, date]]:
    """Return name and local day of every event, archived ones included, on the days of the season."""
    if not rows:
        return set()
    first, _next = day_bounds(min(row.day for row in rows), zone)
    _last, behind = day_bounds(max(row.day for row in rows), zone)
    stored = Event.objects.filter(start__gte=first, start__lt=behind).order_by().values_list("name", "start")
    return {(name.casefold(), local_day(start, zone)) for name, start in stored}


def _shared_names(season: Season) -> list[str]:
    """Return names of which the season itself does not know whom they mean."""
    return [doubt.value for doubt in season.doubts if doubt.kind == DoubtKind.PERSON_AMBIGUOUS]


def _report_of_source(season: Season) -> SeasonReport:
    """Begin the report with what was found while the source was read."""
    names = {(Part.EVENTS, row.row): row.name for row in season.events}
    names |= {(Part.PEOPLE, row.row): row.name for row in season.people if row.row is not None}
    return SeasonReport(
        skipped=[_remark(doubt, names) for doubt in season.skipped],
        doubtful=[_remark(doubt, names) for doubt in season.doubts],
    )


def _remark(doubt: Doubt, names: dict[tuple[Part, int], str]) -> Remark:
    """Name the row it is about; of a row without a record only the text in question is known."""
    part = Part.PEOPLE if doubt.sheet in _LISTS_OF_PEOPLE else Part.EVENTS
    told = "%(value)s" in str(doubt.kind.label)
    return Remark(part, doubt.row, names.get((part, doubt.row), "" if told else doubt.value), doubt.message)
