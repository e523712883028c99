"""Correcting single rows of an import that waits for its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from events.importing.crew import crew_of
from events.importing.doubts import Doubt, DoubtKind, Findings
from events.importing.names import is_name, person_key
from events.importing.people import clean_email, clean_phone
from events.importing.records import ADDRESS_LENGTH, NAME_LENGTH, Season, SheetEvent, SheetPerson
from events.importing.sheet import TITLE as EVENTS
from events.models import SeasonImport
from events.services.locking import Gone
from events.services.season.drafts import forecast_of, keep, locked, refuse_put_away, season_in
from events.services.season.leaders import Leader
from events.services.season.report import Part
from events.services.season.run import part_of
from medcover.common.errors import DomainError
from medcover.common.text import tidy

Row = TypeVar("Row")

#: Remarks about cells that whoever saves a row has just seen and may have changed.
_SETTLED = frozenset(
    {
        DoubtKind.START_MISSING,
        DoubtKind.END_MISSING,
        DoubtKind.TIME_UNREADABLE,
        DoubtKind.CELL_BROKEN,
        DoubtKind.TEXT_SHORTENED,
        DoubtKind.NAME_LIKE_FORMULA,
        DoubtKind.EMAIL_UNREADABLE,
        DoubtKind.PHONE_UNREADABLE,
    }
)
#: Whether an event is paid can be corrected, what a person is qualified for cannot.
_SETTLED_ON_EVENTS = _SETTLED | {DoubtKind.FLAG_UNREADABLE}


@dataclass(frozen=True, kw_only=True)
class EventCorrection:
    """What somebody wants an event to be. An empty `leader` means that it stays as it is."""

    name: str
    start_time: time | None
    end_time: time | None
    location: str
    paid: bool
    master: int | None
    leader: Leader | None


@dataclass(frozen=True, kw_only=True)
class PersonCorrection:
    """What somebody wants a new person to be."""

    name: str
    email: str
    phone: str
    is_archived: bool


@transaction.atomic
def correct_event(draft_id: Any, number: int, correction: EventCorrection, *, by: Any, at: datetime) -> SeasonImport:
    """Correct one event; rows are numbered from 1.

    Raises NotAllowed, Gone, DomainError for an empty name, a text too long or a master event that is put away.
    """
    draft = locked(draft_id, by=by, at=at)
    season = season_in(draft)
    row = _row(season.events, number)
    if correction.master is not None and correction.master != row.master:
        refuse_put_away({correction.master})
    corrected = _corrected_event(row, correction)
    doubts = [*_unsettled(season, Part.EVENTS, row.row, _SETTLED_ON_EVENTS), *_missing_times(corrected)]
    keep(draft, replace(season, events=_put(season.events, number, corrected), doubts=tuple(doubts)))
    return draft


@transaction.atomic
def correct_person(draft_id: Any, number: int, correction: PersonCorrection, *, by: Any, at: datetime) -> SeasonImport:
    """Correct one person who has no account yet; rows are numbered from 1.

    Raises NotAllowed, Gone, DomainError for an empty name, something that is no address or number, or somebody who
    is known already.
    """
    draft = locked(draft_id, by=by, at=at)
    season = season_in(draft)
    row = _row(season.people, number)
    if not forecast_of(draft, at=at).people[number - 1].editable:
        raise DomainError(_("This person has an account already, which an import does not change."))
    corrected = _corrected_person(row, correction)
    people = _put(season.people, number, corrected)
    doubts = _unsettled(season, Part.PEOPLE, row.row, _SETTLED)
    keep(draft, replace(season, people=people, doubts=tuple(_still_true(doubts, people, corrected))))
    return draft


def _row(rows: Sequence[Row], number: int) -> Row:
    if not 1 <= number <= len(rows):
        raise Gone(_("The import has no such row."))
    return rows[number - 1]


def _put(rows: tuple[Row, ...], number: int, row: Row) -> tuple[Row, ...]:
    return (*rows[: number - 1], row, *rows[number:])


def _unsettled(season: Season, part: Part, row: int | None, settled: frozenset[DoubtKind]) -> list[Doubt]:
    """Return the remarks of the source without those about the cells of one row that somebody has now looked at."""
    return [
        doubt
        for doubt in season.doubts
        if row is None or (part_of(doubt), doubt.row) != (part, row) or doubt.kind not in settled
    ]


# --- events ----------------------------------------------------------------------------------------------


def _corrected_event(row: SheetEvent, correction: EventCorrection) -> SheetEvent:
    leader = correction.leader or Leader(row.responsible_person, row.leader)
    lead, signups = crew_of(leader.name, row.signups, Findings().at("", row.row))
    return replace(
        row,
        name=_fitting_name(correction.name),
        start_time=correction.start_time,
        end_time=correction.end_time,
        time_missing=correction.start_time is None,
        location=_fitting(tidy(correction.location), ADDRESS_LENGTH),
        paid=correction.paid,
        master=correction.master,
        responsible_person=lead,
        leader=leader.account,
        signups=signups,
    )


def _missing_times(corrected: SheetEvent) -> Iterator[Doubt]:
    """Remark anew, as the source's reader does, which times are not known."""
    if corrected.start_time is None:
        yield Doubt(EVENTS, corrected.row, DoubtKind.START_MISSING)
    if corrected.end_time is None:
        yield Doubt(EVENTS, corrected.row, DoubtKind.END_MISSING)


def _fitting_name(text: str) -> str:
    name = tidy(text)
    if not name:
        raise DomainError(DoubtKind.NAME_MISSING.label)
    return _fitting(name, NAME_LENGTH)


def _fitting(text: str, limit: int) -> str:
    if len(text) > limit:
        raise DomainError(_("The text is too long: at most %d characters.") % limit)
    return text


# --- people ----------------------------------------------------------------------------------------------


def _corrected_person(row: SheetPerson, correction: PersonCorrection) -> SheetPerson:
    name = tidy(correction.name)
    if not is_name(name):
        raise DomainError(DoubtKind.PERSON_NAMELESS.label)
    findings = Findings()
    place = findings.at("", 0)
    corrected = replace(
        row,
        name=_fitting(name, NAME_LENGTH),
        email=clean_email(tidy(correction.email), place),
        phone=clean_phone(tidy(correction.phone), place),
        is_archived=correction.is_archived,
    )
    for doubt in findings.doubts:
        raise DomainError(doubt.message)
    return corrected


def _still_true(doubts: Sequence[Doubt], people: Sequence[SheetPerson], corrected: SheetPerson) -> Iterator[Doubt]:
    """Drop what the correction has answered: an address used twice, and whom a name shared by several means."""
    times = Counter(person.email for person in people)
    for doubt in doubts:
        if doubt.kind == DoubtKind.EMAIL_REPEATED and times[doubt.value] < 2:
            continue
        if doubt.kind == DoubtKind.PERSON_AMBIGUOUS and corrected.email and _means(doubt.value, corrected):
            continue
        yield doubt


def _means(name: str, person: SheetPerson) -> bool:
    return person_key(name) == person_key(person.gs_name)
