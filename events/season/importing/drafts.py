"""Drafts of imports: a season that was read is kept, selected from, corrected, and imported or discarded."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from credentials.models import Qualification
from events.models import MasterEvent, SeasonImport
from events.season.importing.forecast import Deselected, Forecast, foresee
from events.season.importing.report import Part, SeasonReport
from events.season.importing.run import import_season, part_of
from events.season.matching.staffing import MANAGED, Choice, PlaceChoices, foreseen_qualifications
from events.season.reading.people import TITLE as PEOPLE
from events.season.reading.records import Doubt, DoubtKind, Season, data_of, season_of
from events.season.reading.sheet import TITLE as EVENTS
from events.services.locking import Gone, require
from events.services.masters import ensure_general
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from medcover.system import audit
from medcover.system.models import AuditEntry


def selected_of(season: Season, deselected: Deselected) -> Season:
    """Return the season without the deselected rows, which are remarked as left out."""
    unwanted = tuple(_deselections(season, deselected))
    rows = {(part_of(doubt), doubt.row) for doubt in unwanted if doubt.row is not None}
    return replace(
        season,
        events=tuple(row for number, row in enumerate(season.events, 1) if number not in deselected.events),
        people=tuple(row for number, row in enumerate(season.people, 1) if number not in deselected.people),
        skipped=(*season.skipped, *unwanted),
        doubts=tuple(doubt for doubt in season.doubts if (part_of(doubt), doubt.row) not in rows or _is_of_all(doubt)),
    )


def _deselections(season: Season, deselected: Deselected) -> Iterator[Doubt]:
    for number, event in enumerate(season.events, start=1):
        if number in deselected.events:
            yield Doubt(EVENTS, event.row, DoubtKind.DESELECTED, event.name)
    for number, person in enumerate(season.people, start=1):
        if number in deselected.people:
            yield Doubt(PEOPLE, person.row, DoubtKind.DESELECTED, person.name)


def _is_of_all(doubt: Doubt) -> bool:
    """That a name means nobody is remarked at one event and true for all."""
    return doubt.kind == DoubtKind.PERSON_AMBIGUOUS


log = logging.getLogger(__name__)

#: So long an import is kept, finished or not.
KEPT_FOR = timedelta(days=7)
RIGHT = "system.manage_settings"
SOURCE_LENGTH = 255


@transaction.atomic
def begin(season: Season, *, source: str, by: Any, at: datetime) -> SeasonImport:
    """Keep a season that has just been read; `source` is what its file is called.

    Everything is selected, the events go under the default master event, and places ask for what their name says.
    """
    require(by, RIGHT)
    managed = foreseen_qualifications()
    return SeasonImport.objects.create(
        owner=by,
        source=source[:SOURCE_LENGTH],
        master_event=ensure_general(),
        places={"medic": managed.medic.pk or MANAGED, "novice": managed.novice.pk or MANAGED},
        season=data_of(season),
        deselected={"events": [], "people": []},
        expires_at=at + KEPT_FOR,
    )


def locked(draft_id: Any, *, by: Any, at: datetime) -> SeasonImport:
    """Lock and return an import of the person that waits for its end; must run inside a transaction.

    Raises NotAllowed, Gone, DomainError when it has been carried out.
    """
    draft = _own(draft_id, by=by, at=at)
    if draft.is_done:
        raise DomainError(_("This import has been carried out already."))
    return draft


def _own(draft_id: Any, *, by: Any, at: datetime) -> SeasonImport:
    require(by, RIGHT)
    rows = SeasonImport.objects.select_for_update(of=("self",)).of(by).kept_at(at)
    draft: SeasonImport | None = rows.filter(pk=draft_id).first()
    if draft is None:
        raise Gone(_("The import does not exist any more."))
    return draft


def season_in(draft: SeasonImport) -> Season:
    """Return the season as it has been corrected so far."""
    return season_of(draft.season)


def deselected_in(draft: SeasonImport) -> Deselected:
    """Return which rows are not to be imported."""
    return Deselected(*(frozenset(draft.deselected[part]) for part in (Part.EVENTS.value, Part.PEOPLE.value)))


def forecast_of(draft: SeasonImport, *, at: datetime) -> Forecast:
    """Return what the import would do as it stands."""
    return foresee(
        season_in(draft),
        by=draft.owner,
        at=at,
        master=draft.master_event,
        places=PlaceChoices(**draft.places),
        deselected=deselected_in(draft),
    )


def keep(draft: SeasonImport, season: Season) -> None:
    """Store the corrected season of a locked import."""
    draft.season = data_of(season)
    _save(draft, "season")


def _save(draft: SeasonImport, *fields: str) -> None:
    draft.raise_version()
    draft.save(update_fields=[*fields, "version", "updated"])


@transaction.atomic
def choose(draft_id: Any, *, master: int, medic: Choice, novice: Choice, by: Any, at: datetime) -> SeasonImport:
    """Choose the master event of all events, and what the two sorts of places ask for.

    Raises NotAllowed, Gone, DomainError when something chosen does not exist or is put away.
    """
    draft = locked(draft_id, by=by, at=at)
    refuse_archived({master})
    keys = {choice for choice in (medic, novice) if isinstance(choice, int)}
    if Qualification.objects.living().filter(pk__in=keys).count() != len(keys):
        raise DomainError(_("The chosen qualification does not exist any more."))
    draft.master_event_id, draft.places = master, {"medic": medic, "novice": novice}
    _save(draft, "master_event", "places")
    return draft


def refuse_archived(masters: Collection[int]) -> None:
    """Raise DomainError unless events may be put under each of these master events."""
    if MasterEvent.objects.not_archived().filter(pk__in=masters).count() != len(masters):
        raise DomainError(_("The chosen master event is archived or does not exist."))


@transaction.atomic
def select(
    draft_id: Any, part: Part, *, among: Iterable[int], chosen: Iterable[int], by: Any, at: datetime
) -> SeasonImport:
    """Of the rows `among` select exactly the `chosen` ones; all others stay as they are. Rows are numbers from 1."""
    draft = locked(draft_id, by=by, at=at)
    rows = range(1, len(draft.season[part.value]) + 1)
    shown = {number for number in among if number in rows}
    draft.deselected[part.value] = sorted((set(draft.deselected[part.value]) - shown) | (shown - set(chosen)))
    _save(draft, "deselected")
    return draft


@transaction.atomic
def discard(draft_id: Any, *, by: Any, at: datetime) -> None:
    """Forget an import, finished or not; what it has written stays."""
    _own(draft_id, by=by, at=at).delete()


def forget_expired(*, at: datetime) -> int:
    """Forget imports that are too old; return how many."""
    count, _tables = SeasonImport.objects.expired_at(at).delete()
    return count


def carry_out(draft_id: Any, *, by: Any, at: datetime, version: int) -> SeasonReport:
    """Import what is selected, all of it or nothing, and keep the report.

    Asked again, the same report is returned and nothing is done. Raises NotAllowed, Gone, StaleRecord when the
    import is not what `version` was, DomainError with the reason for anything else; then nothing has been written.
    """
    try:
        with transaction.atomic():
            return _carry_out(draft_id, by=by, at=at, version=version)
    except (NotAllowed, Gone, StaleRecord):
        raise
    except DomainError as refusal:
        raise _failed(refusal) from refusal
    except Exception as fault:
        # The kind only: the words of a database name people.
        log.error("An import of a season failed: %s", type(fault).__name__)
        raise _failed(_("an unexpected error; nothing was written")) from fault


def _failed(reason: object) -> DomainError:
    return DomainError(str(_("The import failed: %s")) % reason)


def _carry_out(draft_id: Any, *, by: Any, at: datetime, version: int) -> SeasonReport:
    draft = _own(draft_id, by=by, at=at)
    if draft.report is not None:
        return SeasonReport.of_data(draft.report)
    draft.expect_version(version)
    report = import_season(
        selected_of(season_in(draft), deselected_in(draft)),
        by=by,
        at=at,
        master=draft.master_event,
        places=PlaceChoices(**draft.places),
        strict=True,
    )
    _finish(draft, report, by=by, at=at)
    return report


def _finish(draft: SeasonImport, report: SeasonReport, *, by: Any, at: datetime) -> None:
    """Keep the report, forget what was read, and record the import as a whole."""
    draft.imported_at, draft.report, draft.season = at, report.as_data(), {}
    _save(draft, "imported_at", "report", "season")
    counts = {
        "source": draft.source,
        "events": report.count_of("created", Part.EVENTS),
        "people": report.count_of("created", Part.PEOPLE),
    }
    summary = audit.sentence(_("Import of %(source)s: %(events)d events and %(people)d people created"), counts)
    audit.record(draft, kind=AuditEntry.Kind.IMPORT, by=by, summary=summary)
