"""Corrections of single rows of an import that waits for its end, and whom a name typed as the leader means."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from events.models import SeasonImport
from events.season.importing.drafts import forecast_of, keep, locked, refuse_archived, season_in
from events.season.importing.forecast import Fate, Forecast
from events.season.importing.report import Part
from events.season.importing.run import part_of
from events.season.reading.people import NameBook, clean_email, clean_phone, crew_of, is_name, person_key
from events.season.reading.records import (
    ADDRESS_LENGTH,
    NAME_LENGTH,
    Doubt,
    DoubtKind,
    Findings,
    Season,
    SheetEvent,
    SheetPerson,
)
from events.season.reading.sheet import TITLE as EVENTS
from events.services.locking import Gone
from medcover.common.czech import fold, sort_key
from medcover.common.errors import DomainError
from medcover.common.text import tidy
from roster.models import User

#: So many people are suggested at once.
LIMIT = 20
#: Shorter words say nothing about who is meant.
_TELLING = 3
_WORD = re.compile(r"\w+")
#: Stands before people who get their account by this import.
NEW_MARK = "✨"


@dataclass(frozen=True)
class Leader:
    """A responsible person as an import knows them: an account, or the name by which the season calls somebody."""

    name: str
    account: UUID | None = None


@dataclass(frozen=True)
class Candidate:
    """Somebody who may be chosen; `label` is what is typed to choose them."""

    label: str
    email: str
    leader: Leader
    is_new: bool
    search: str
    """The folded name."""


class Candidates:
    """Active people, and those whom the import creates. One query."""

    def __init__(self, forecast: Forecast) -> None:
        people = sorted((*_newcomers(forecast), *_active()), key=lambda person: sort_key(person.leader.name))
        times = Counter(person.search for person in people)
        self._people = [_told_apart(person) if times[person.search] > 1 else person for person in people]

    def matching(self, text: str) -> list[Candidate]:
        """Return the first people whose name or address has every word of the text."""
        words = fold(_bare(text)).split()
        found = (person for person in self._people if all(word in f"{person.search} {person.email}" for word in words))
        return [person for person, _place in zip(found, range(LIMIT), strict=False)]

    def plausible(self, name: str) -> list[Candidate]:
        """Return people who share a word with a written name, those who share most of them first."""
        words = {word for word in _WORD.findall(fold(name)) if len(word) >= _TELLING}
        shared = [(len(words & set(_WORD.findall(person.search))), person) for person in self._people]
        best = sorted((pair for pair in shared if pair[0]), key=lambda pair: -pair[0])
        return [person for _count, person in best[:LIMIT]]

    def whom(self, text: str) -> Leader:
        """Return whom a typed text means: a label, or a name that one person bears; nobody for an empty text.

        Raises DomainError when it means nobody known, or more than one.
        """
        written = _bare(text)
        if not written:
            return Leader("")
        labelled = [person for person in self._people if fold(_bare(person.label)) == fold(written)]
        if len(labelled) == 1:
            return labelled[0].leader
        match = NameBook((place, person.leader.name) for place, person in enumerate(self._people)).find(written)
        if match.key is not None:
            return self._people[match.key].leader
        if match.ambiguous:
            raise DomainError(_("More than one person is called so; choose one of those that are offered."))
        raise DomainError(_("Neither an active person nor a new one of this import is called so."))


def _bare(text: str) -> str:
    return tidy(text.replace(NEW_MARK, " "))


def _active() -> Iterator[Candidate]:
    for key, name, email in User.objects.active().values_list("pk", "name", "email"):
        yield Candidate(name, email, Leader(name, key), is_new=False, search=fold(name))


def _newcomers(forecast: Forecast) -> Iterable[Candidate]:
    for line in forecast.selected_people:
        if line.fate == Fate.NEW:
            row = line.row
            label = f"{NEW_MARK} {row.name}"
            yield Candidate(label, row.email, Leader(row.gs_name), is_new=True, search=fold(row.name))


def _told_apart(person: Candidate) -> Candidate:
    label = f"{person.label} ({person.email})"
    return Candidate(label, person.email, person.leader, person.is_new, person.search)


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
        refuse_archived({correction.master})
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
