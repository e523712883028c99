"""The import as one transaction, whether the season was read from a sheet or from JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, tzinfo
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Event, MasterEvent
from events.rules.lifecycle import Status
from events.season.importing import events, people
from events.season.importing.events import Masters, Setting
from events.season.importing.report import Part, Remark, RowNotes, SeasonReport, write_row
from events.season.matching.people import Directory
from events.season.matching.staffing import PlaceChoices, managed_qualifications
from events.season.reading.payload import USERS
from events.season.reading.people import TITLE as PEOPLE
from events.season.reading.records import Doubt, DoubtKind, Season, SheetEvent
from events.services import responsible
from events.services.locking import require
from events.services.masters import ensure_general
from events.signals import past_events_imported
from medcover.common.db import one_at_a_time
from medcover.common.errors import DomainError
from medcover.common.intervals import day_bounds, local_day
from medcover.system import audit

Progress = Callable[[int, int], None]

ALREADY_THERE = _("An event of this name already exists on this day.")

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
    places: PlaceChoices | None = None,
    strict: bool = False,
    dry_run: bool = False,
    progress: Progress = no_progress,
) -> SeasonReport:
    """Write people and events of the season; events that exist already are left as they are.

    An event exists when one of the same name stands on the same local day, so running twice creates nothing
    twice. A row that cannot be written is reported and the others go on; with `strict` it ends the import. With
    `dry_run` everything is done and rolled back. `places` says what positions ask for. `progress` hears of each
    finished event. Raises NotAllowed, DomainError; an error leaves the database untouched.
    """
    require(by, "system.manage_settings")
    one_at_a_time("events.import_season")
    masters = _locked_masters(master or ensure_general(), season)
    setting = _setting(season, masters, places or PlaceChoices(), by=by, at=at, strict=strict)
    with audit.recorded_together():
        people.bring_in(season.people, setting)
        _bring_in_events(season.events, setting, progress)
    setting.report.sort()
    if dry_run:
        transaction.set_rollback(True)
    return setting.report


def _locked_masters(default: MasterEvent, season: Season) -> Masters:
    keys = master_keys(season) | {default.pk}
    locked = MasterEvent.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    found = {master.pk: master for master in locked}
    return Masters(found[default.pk], found)


def _setting(season: Season, masters: Masters, places: PlaceChoices, *, by: Any, at: datetime, strict: bool) -> Setting:
    """Prepare what all rows share; people are locked before anything touches their events."""
    for objection in masters.objections(season.events):
        raise DomainError(objection)
    directory = Directory(shared=shared_names(season), people=season.people)
    directory.lock(season)
    report = _report_of_source(season)
    managed = managed_qualifications(report, by=by, at=at)
    return Setting(
        masters=masters,
        managed=managed,
        demands=places.demands(managed),
        directory=directory,
        can_lead=responsible.can_lead,
        report=report,
        zone=timezone.get_current_timezone(),
        by=by,
        at=at,
        strict=strict,
    )


def _bring_in_events(rows: Sequence[SheetEvent], setting: Setting, progress: Progress) -> None:
    known = known_events(rows, setting.zone)
    written: list[Event] = []
    for done, row in enumerate(rows, start=1):
        notes = RowNotes(Part.EVENTS, row.row, row.name)
        if event_key(row) in known:
            notes.skipped(ALREADY_THERE)
            setting.report.take_over(notes.report)
        else:
            write = partial(events.bring_in, row, setting, notes)
            if event := write_row(setting.report, notes, write, strict=setting.strict):
                known.add(event_key(row))
                written.append(event)
        progress(done, len(rows))
    past = [event.pk for event in written if event.status == Status.COMPLETED]
    if past:
        past_events_imported.send(sender=Event, event_ids=past, by=setting.by, at=setting.at)


def event_key(row: SheetEvent) -> tuple[str, date]:
    """Return what makes an event the same as another."""
    return row.name.casefold(), row.day


def known_events(rows: Sequence[SheetEvent], zone: tzinfo) -> set[tuple[str, date]]:
    """Return the keys of all events, archived ones included, on the days of these rows."""
    if not rows:
        return set()
    first, _next = day_bounds(min(row.day for row in rows), zone)
    _last, behind = day_bounds(max(row.day for row in rows), zone)
    stored = Event.objects.filter(start__gte=first, start__lt=behind).order_by().values_list("name", "start")
    return {(name.casefold(), local_day(start, zone)) for name, start in stored}


def master_keys(season: Season) -> set[int]:
    """Return the master events chosen for single events."""
    return {row.master for row in season.events if row.master is not None}


def shared_names(season: Season) -> list[str]:
    """Return names of which the season itself does not know whom they mean."""
    return [doubt.value for doubt in season.doubts if doubt.kind == DoubtKind.PERSON_AMBIGUOUS]


def part_of(doubt: Doubt) -> Part:
    """Return which part of the season a remark of its source is about."""
    return Part.PEOPLE if doubt.sheet in _LISTS_OF_PEOPLE else Part.EVENTS


def _report_of_source(season: Season) -> SeasonReport:
    """Begin the report with what was found while the source was read."""
    names: dict[tuple[Part, int | None], str] = {(Part.EVENTS, row.row): row.name for row in season.events}
    names |= {(Part.PEOPLE, row.row): row.name for row in season.people if row.row is not None}
    return SeasonReport(
        skipped=[_remark(doubt, names) for doubt in season.skipped],
        doubtful=[_remark(doubt, names) for doubt in season.doubts],
    )


def _remark(doubt: Doubt, names: dict[tuple[Part, int | None], str]) -> Remark:
    """Name the row it is about; of a row without a record only the text in question is known."""
    told = "%(value)s" in str(doubt.kind.label)
    subject = names.get((part_of(doubt), doubt.row), "" if told else doubt.value)
    return Remark(part_of(doubt), doubt.row, subject, doubt.message)
