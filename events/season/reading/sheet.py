"""The planning sheet of a season: one row is one event."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import IO

from django.utils.translation import gettext_lazy as _

from events.season.reading import people
from events.season.reading.cells import Column, Layout, Titles, date_of, flag_of, letter_of, locate, text_of, time_of
from events.season.reading.people import crew_of
from events.season.reading.records import (
    ADDRESS_LENGTH,
    CONTACT_LENGTH,
    NAME_LENGTH,
    Doubt,
    DoubtKind,
    Findings,
    Place,
    Season,
    SheetEvent,
    SheetPerson,
)
from medcover.common.czech import fold
from medcover.common.errors import UnreadableSource
from medcover.common.untrusted_workbook import MAX_COLUMNS, Cell, Sheet, read_sheets

TITLE = "Dozory"
HEADER_ROW = 2
#: Of more empty rows in a stretch than this not each one is remarked.
LONG_GAP = 50

# Words of the sheet, and of the descriptions made from it: stored text, the same in every language of the screen,
# so that reading the sheet again gives the same events.
_NAME, _DATE, _PLACE, _VEHICLE, _KIND, _CONTACT = ("Akce", "Datum", "Místo", "Auto/stan", "Typ", "Kontakt pořadatel")
_START, _END, _PAID, _LEAD, _SIGNUP = ("Začátek", "Konec", "Placená", "ZZ", "Přihlášení")
_NO_START = "Pozor: v tabulce chybí čas začátku"
_BETWEEN = " | "

_COLUMNS = (
    Column(_NAME, ("akce", "nazev*"), "A"),
    Column(_DATE, ("datum*",), "B"),
    Column(_PLACE, ("misto*", "adresa*"), "C"),
    Column(_VEHICLE, ("auto*", "vozidlo*"), "D"),
    Column(_KIND, ("typ", "typ akce", "typ sluzby", "druh*"), "E"),
    Column(_CONTACT, ("kontakt*",), "F"),
    Column(_START, ("zacatek*", "od"), "G"),
    Column(_END, ("konec*", "do"), "H"),
    Column("Hlídky", ("hlid*",), read=False),
    Column("Ošetřeno", ("osetr*",), read=False),
    Column("Délka", ("delka*", "hodin*"), read=False),
    Column(_PAID, ("placen*",), "K"),
    Column(_LEAD, ("zz", "zo", "zodpovedn*"), "M"),
    Column(_SIGNUP, ("prihlas*",), "N"),
)


def read_season(source: str | Path | IO[bytes], *, cut_off: date | None = None) -> Season:
    """Read the workbook of a season; events before `cut_off` are left out.

    Every row below the headings becomes an event or a remark. Raises UnreadableSource when the file cannot be read
    or has no sheet of events.
    """
    sheets = read_sheets(source, (TITLE, people.TITLE))
    if TITLE not in sheets:
        raise UnreadableSource(_("The workbook has no sheet “%(title)s”.") % {"title": TITLE})
    findings = Findings()
    events = tuple(_events(sheets[TITLE], findings, cut_off))
    directory = _directory(sheets.get(people.TITLE), findings)
    everybody = people.people_of(events, TITLE, directory, findings)
    return Season(
        events=events,
        people=everybody,
        skipped=_in_order(findings.skipped),
        doubts=_in_order(findings.doubts),
    )


def _directory(sheet: Sheet | None, findings: Findings) -> list[SheetPerson]:
    if sheet is None:
        findings.at(people.TITLE, people.HEADER_ROW).doubt(DoubtKind.SHEET_MISSING, people.TITLE)
        return []
    return people.read_directory(sheet, findings)


def _in_order(remarks: list[Doubt]) -> tuple[Doubt, ...]:
    return tuple(sorted(remarks, key=lambda doubt: (doubt.sheet != TITLE, doubt.row)))


def _events(sheet: Sheet, findings: Findings, cut_off: date | None) -> Iterator[SheetEvent]:
    """Read row by row. Names are given out before the cut-off, so that it changes no name."""
    header = findings.at(TITLE, HEADER_ROW)
    layout = locate(_COLUMNS, sheet.row(HEADER_ROW), header)
    signup_columns = _signup_columns(layout, header)
    titles = Titles()
    for number in _numbers(sheet, findings):
        row = _Row(sheet.row(number), layout, signup_columns, findings.at(TITLE, number))
        known = row.name_and_day()
        if known is None:
            continue
        name, day = titles.take(known[0], known[1]), known[1]
        if cut_off is not None and day < cut_off:
            row.place.skip(DoubtKind.BEFORE_CUT_OFF, f"{name} ({text_of(day)})")
        else:
            yield row.event(name, day)


def _numbers(sheet: Sheet, findings: Findings) -> Iterator[int]:
    """Yield the numbers of rows below the headings, without those of long gaps, which are remarked once."""
    expected = HEADER_ROW + 1
    for number in sorted(filled for filled in sheet.rows if filled > HEADER_ROW):
        if number - expected > LONG_GAP:
            findings.at(TITLE, expected).skip(DoubtKind.BLANK_ROWS, f"{expected}–{number - 1}")
        else:
            yield from range(expected, number)
        yield number
        expected = number + 1


def _signup_columns(layout: Layout, header: Place) -> tuple[int, ...]:
    """Return the columns with sign-ups: from the first one on to the end, except those headed as something else."""
    first = layout.places.get(_SIGNUP, MAX_COLUMNS)
    headed = first in layout.claimed
    found = []
    for index in range(first, MAX_COLUMNS):
        heading = layout.heading(index)
        if headed and any(char.isalpha() for char in heading) and not fold(heading).startswith("prihlas"):
            header.doubt(DoubtKind.COLUMN_IGNORED, f"{heading} ({letter_of(index)})")
        elif index == first or index not in layout.claimed:
            found.append(index)
    return tuple(found)


@dataclass(frozen=True)
class _Row:
    """One row below the headings."""

    cells: Sequence[Cell]
    layout: Layout
    signup_columns: tuple[int, ...]
    place: Place

    def name_and_day(self) -> tuple[str, date] | None:
        """Return what every event needs; without it the row is remarked as left out."""
        if not self.cells:
            self.place.skip(DoubtKind.BLANK_ROW)
            return None
        for title in (_NAME, _DATE):
            if self._cell(title).broken:
                self.place.skip(DoubtKind.CELL_BROKEN, title)
                return None
        name = self._text(_NAME)
        if not name:
            self.place.skip(DoubtKind.NAME_MISSING, self._text(_DATE))
            return None
        day = self._day()
        return None if day is None else (name, day)

    def _day(self) -> date | None:
        try:
            day = date_of(self._cell(_DATE).value)
        except ValueError:
            self.place.skip(DoubtKind.DATE_UNREADABLE, self._text(_DATE))
            return None
        if day is None:
            self.place.skip(DoubtKind.DATE_MISSING, self._text(_NAME))
        return day

    def event(self, name: str, day: date) -> SheetEvent:
        """Read the rest of the row; a bad cell leaves its field empty and is remarked."""
        cancelled = self._cell(_NAME).struck or self._cell(_DATE).struck
        self._remark_cells(cancelled=cancelled)
        start, end = self._start(), self._end()
        lead, signups = crew_of(self._text(_LEAD), self._signups(), self.place)
        return SheetEvent(
            row=self.place.row,
            name=name,
            day=day,
            start_time=start,
            end_time=end,
            location=self.place.fit(self._text(_PLACE), ADDRESS_LENGTH),
            contact_person=self.place.fit(self._text(_CONTACT), CONTACT_LENGTH),
            responsible_person=lead,
            description=self._description(start, signups),
            paid=self._paid(),
            time_missing=start is None,
            cancelled=cancelled,
            signups=signups,
        )

    def _cell(self, title: str) -> Cell:
        return self.layout.cell(self.cells, title)

    def _text(self, title: str) -> str:
        cell = self._cell(title)
        return "" if cell.broken else text_of(cell.value)

    def _signup_cells(self) -> list[Cell]:
        return [self.cells[index] for index in self.signup_columns if index < len(self.cells)]

    def _signups(self) -> list[str]:
        return [text_of(cell.value) for cell in self._signup_cells() if not cell.broken]

    def _remark_cells(self, *, cancelled: bool) -> None:
        """Remark what the values alone do not tell. A cancelled event is often struck through with its people."""
        name = self.place.fit(self._text(_NAME), NAME_LENGTH)
        if name.startswith(("=", "+", "-", "@")):
            self.place.doubt(DoubtKind.NAME_LIKE_FORMULA, name)
        for title in self.layout.places:
            if title != _SIGNUP and self._cell(title).broken:
                self.place.doubt(DoubtKind.CELL_BROKEN, title)
        if any(cell.broken for cell in self._signup_cells()):
            self.place.doubt(DoubtKind.CELL_BROKEN, _SIGNUP)
        for cell in (self._cell(_LEAD), *self._signup_cells()):
            if cell.struck and not cancelled:
                self.place.doubt(DoubtKind.PERSON_STRUCK, text_of(cell.value))

    def _time(self, title: str) -> tuple[time | None, bool]:
        """Return the time and whether the cell is readable."""
        cell = self._cell(title)
        if cell.broken:
            return None, False
        try:
            return time_of(cell.value), True
        except ValueError:
            self.place.doubt(DoubtKind.TIME_UNREADABLE, text_of(cell.value))
            return None, False

    def _start(self) -> time | None:
        start, readable = self._time(_START)
        if start is None and readable:
            self.place.doubt(DoubtKind.START_MISSING)
        return start

    def _end(self) -> time | None:
        """Midnight stands in the sheet where the end is not known yet."""
        end, readable = self._time(_END)
        if readable and (end is None or end == time.min):
            self.place.doubt(DoubtKind.END_MISSING)
            return None
        return end

    def _paid(self) -> bool:
        written = self._text(_PAID)
        try:
            return bool(flag_of(written))
        except ValueError:
            self.place.doubt(DoubtKind.FLAG_UNREADABLE, written)
            return False

    def _description(self, start: time | None, signups: tuple[str, ...]) -> str:
        labelled = (
            ("Typ", self._text(_KIND)),
            ("Vozidlo/stan", self._text(_VEHICLE)),
            ("Kontakt pořadatel", self._text(_CONTACT)),
            ("Přihlášení (import z GS)", ", ".join(signups)),
        )
        snippets = [f"{label}: {text}" for label, text in labelled if text]
        return _BETWEEN.join(snippets if start is not None else [_NO_START, *snippets])
