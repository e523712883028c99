"""The import as one transaction, by whichever road the season was read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.importing.records import Season, SheetEvent
from events.models import MasterEvent
from events.services.locking import require
from events.services.masters import ensure_general
from events.services.season import events, people
from events.services.season.events import Setting
from events.services.season.report import Remark, SeasonReport
from medcover.common.errors import DomainError

Progress = Callable[[int, int], None]


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
    """Write people and events of the season; what exists already is left as it is.

    An event exists when one of the same name stands on the same local day, so running twice creates nothing
    twice. With `dry_run` everything is done and rolled back. `progress` hears of each finished event. Raises
    NotAllowed, DomainError; any error leaves the database untouched.
    """
    require(by, "system.manage_settings")
    master = master or ensure_general()
    if master.is_archived:
        raise DomainError(_("The master event is archived."))
    _one_at_a_time()
    report = SeasonReport(doubtful=_doubts(season), skipped=_skipped(season))
    managed = people.managed_qualifications(report, by=by, at=at)
    directory = people.bring_in(season.people, managed, report, by=by, at=at)
    setting = Setting(master, managed, directory, report, timezone.get_current_timezone(), by, at)
    for done, row in enumerate(season.events, start=1):
        _bring_in(row, setting)
        progress(done, len(season.events))
    if dry_run:
        transaction.set_rollback(True)
    return report


def _one_at_a_time() -> None:
    """Two imports at once would not see each other's events; the second waits for the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('events.import_season', 0))")


def _bring_in(row: SheetEvent, setting: Setting) -> None:
    if events.exists_already(row, setting.zone):
        message = _("An event of this name already exists on this day.")
        setting.report.skipped.append(Remark(row.row, row.name, message))
        return
    event = events.bring_in(row, setting)
    setting.report.counts[f"events_{event.status}"] += 1
    setting.report.created.append(Remark(row.row, row.name, event.get_status_display()))


def _doubts(season: Season) -> list[Remark]:
    return [Remark(doubt.row, doubt.value, doubt.message) for doubt in season.doubts]


def _skipped(season: Season) -> list[Remark]:
    return [Remark(doubt.row, doubt.value, doubt.message) for doubt in season.skipped]
