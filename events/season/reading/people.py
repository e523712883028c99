"""People as a source names them: the list of a workbook, the crew of an event, names among known people."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from events.season.reading.cells import Column, Layout, flag_of, locate, text_of
from events.season.reading.records import EMAIL_LENGTH, NAME_LENGTH, DoubtKind, Findings, Place, SheetEvent, SheetPerson
from medcover.common.phones import is_phone, normalise_phone
from medcover.common.text import tidy
from medcover.common.untrusted_workbook import Cell, Sheet

Key = TypeVar("Key", bound=Hashable)


class Closeness(StrEnum):
    """How a written name met a known one, closest first."""

    EXACT = "exact"
    ANY_CASE = "any_case"
    REVERSED = "reversed"
    REVERSED_ANY_CASE = "reversed_any_case"


@dataclass(frozen=True)
class Match(Generic[Key]):
    """The answer to one name: one person, several of that name (`rivals`, none chosen), or nobody."""

    key: Key | None = None
    closeness: Closeness | None = None
    rivals: tuple[Key, ...] = ()

    @property
    def found(self) -> bool:
        """Exactly one person bears the name."""
        return self.key is not None

    @property
    def ambiguous(self) -> bool:
        """More than one person bears the name."""
        return bool(self.rivals)

    @property
    def approximate(self) -> bool:
        """One person was found, but is written differently; worth a warning."""
        return self.found and self.closeness is not Closeness.EXACT


class NameBook(Generic[Key]):
    """Known people by name, for many look-ups."""

    def __init__(self, known: Iterable[tuple[Key, str]]) -> None:
        self._exact: dict[str, list[Key]] = defaultdict(list)
        self._any_case: dict[str, list[Key]] = defaultdict(list)
        for key, name in known:
            self.add(key, name)

    def add(self, key: Key, name: str) -> None:
        """Note that somebody is called so, too."""
        written = tidy(name)
        for book, spelling in ((self._exact, written), (self._any_case, written.casefold())):
            if key not in book[spelling]:
                book[spelling].append(key)

    def find(self, name: str) -> Match[Key]:
        """Match exactly, then in any case, then with two words swapped, exactly and in any case.

        The first step that meets anybody decides, also when it meets more than one.
        """
        written = tidy(name)
        swapped = _swapped(written)
        for closeness, book, spelling in (
            (Closeness.EXACT, self._exact, written),
            (Closeness.ANY_CASE, self._any_case, written.casefold()),
            (Closeness.REVERSED, self._exact, swapped),
            (Closeness.REVERSED_ANY_CASE, self._any_case, swapped.casefold()),
        ):
            keys = book.get(spelling, []) if spelling else []
            if keys:
                return Match(keys[0], closeness) if len(keys) == 1 else Match(rivals=tuple(keys))
        return Match()


def match_name(name: str, known: Iterable[tuple[Key, str]]) -> Match[Key]:
    """Look up one name among (key, name) pairs; see `NameBook.find`."""
    return NameBook(known).find(name)


def person_key(name: str) -> tuple[str, ...]:
    """Return what all spellings have in common that `NameBook.find` takes for one name."""
    words = tuple(tidy(name).casefold().split())
    return tuple(sorted(words)) if len(words) == 2 else words


def is_name(text: str) -> bool:
    """Say whether the text can name a person: it holds at least one letter."""
    return any(char.isalpha() for char in text)


def _swapped(name: str) -> str:
    words = name.split()
    return f"{words[1]} {words[0]}" if len(words) == 2 else ""


def crew_of(responsible: str, signups: Iterable[str], place: Place) -> tuple[str, tuple[str, ...]]:
    """Return the responsible person's name (or "") and the sign-ups: names only, each person once.

    Whoever is named twice, in whatever spelling, would otherwise take two places on one event.
    """
    lead = _named(responsible, place)
    seen = {person_key(lead)} if lead else set()
    kept = []
    for written in signups:
        name = _named(written, place)
        if not name:
            continue
        if person_key(name) in seen:
            place.doubt(DoubtKind.PERSON_REPEATED, name)
            continue
        seen.add(person_key(name))
        kept.append(name)
    return lead, tuple(kept)


def _named(written: str, place: Place) -> str:
    if written and not is_name(written):
        place.doubt(DoubtKind.PERSON_DROPPED, written)
        return ""
    return place.fit(written, NAME_LENGTH)


TITLE = "Lidi"
HEADER_ROW = 1

# The two layouts in use: one column with the whole name, or surname and first name apart.
_NAME, _SURNAME, _PHONE, _EMAIL, _MEDIC, _DRIVER = ("Jméno", "Příjmení", "Telefon", "E-mail", "Zdravotník", "Řidič")
_COLUMNS = (
    Column(_NAME, ("jmeno*", "prijmeni a jmeno", "prijmeni jmeno", "prijmeni, jmeno"), "A"),
    Column(_SURNAME, ("prijmeni",)),
    Column(_PHONE, ("telefon*", "tel", "tel.", "mobil*"), "B"),
    Column(_EMAIL, ("e-mail*", "email*", "mail"), "C"),
    Column(_MEDIC, ("zdravotni*",), "D"),
    Column(_DRIVER, ("ridic*",)),
)


def read_directory(sheet: Sheet, findings: Findings) -> list[SheetPerson]:
    """Read the list of people; a bad cell leaves its field empty and the person in."""
    layout = locate(_COLUMNS, sheet.row(HEADER_ROW), findings.at(TITLE, HEADER_ROW))
    people: dict[tuple[object, ...], SheetPerson] = {}
    for number, cells in sheet.rows.items():
        person = _person(layout, cells, findings.at(TITLE, number)) if number > HEADER_ROW else None
        if person is None:
            continue
        # A second row of the same name is the same person only if it does not contradict the first.
        identity = (person_key(person.name), person.email, person.phone)
        if identity in people:
            findings.at(TITLE, number).doubt(DoubtKind.PERSON_REPEATED, person.name)
        people.setdefault(identity, person)
    _remark_shared_addresses(people.values(), findings)
    return list(people.values())


def people_of(
    events: Iterable[SheetEvent], sheet: str, directory: Sequence[SheetPerson], findings: Findings
) -> tuple[SheetPerson, ...]:
    """Return everybody named on the events, in order of first appearance, with what the directory knows.

    Spellings of one name are one person. Who is unknown, or shares the name with another, has no contact data;
    who is in the directory only is remarked as left out.
    """
    book = NameBook((place, person.gs_name) for place, person in enumerate(directory))
    found: dict[int | tuple[str, ...], SheetPerson] = {}
    named: set[int] = set()
    for event in events:
        for name in event.crew:
            match = book.find(name)
            named.update(match.rivals if match.key is None else (match.key,))
            key = person_key(name) if match.key is None else match.key
            if key in found:
                continue
            found[key] = _stranger(name) if match.key is None else directory[match.key]
            if match.key is None:
                kind = DoubtKind.PERSON_AMBIGUOUS if match.ambiguous else DoubtKind.PERSON_UNLISTED
                findings.at(sheet, event.row).doubt(kind, name)
    _remark_uninvolved(named, directory, findings)
    return tuple(found.values())


def clean_email(written: str, place: Place) -> str:
    """Return the address in lower case; what is none is remarked and dropped."""
    address = written.lower()
    if not address:
        return ""
    try:
        validate_email(address)
    except ValidationError:
        address = ""
    if not address or len(address) > EMAIL_LENGTH:
        place.doubt(DoubtKind.EMAIL_UNREADABLE, written)
        return ""
    return address


def clean_phone(written: str, place: Place) -> str:
    """Return the number as written; what is none is remarked and dropped."""
    if written and not is_phone(written):
        place.doubt(DoubtKind.PHONE_UNREADABLE, written)
        return ""
    return normalise_phone(written)


def _person(layout: Layout, cells: Sequence[Cell], place: Place) -> SheetPerson | None:
    for title in layout.places:
        if layout.cell(cells, title).broken:
            place.doubt(DoubtKind.CELL_BROKEN, title)
    written = " ".join(_text(layout, cells, title) for title in (_SURNAME, _NAME)).strip()
    if not is_name(written):
        place.skip(DoubtKind.PERSON_NAMELESS, written)
        return None
    name = place.fit(written, NAME_LENGTH)
    return SheetPerson(
        row=place.row,
        gs_name=name,
        name=name,
        email=clean_email(_text(layout, cells, _EMAIL), place),
        phone=clean_phone(_text(layout, cells, _PHONE), place),
        is_medic=_flag(layout, cells, _MEDIC, place),
        is_driver=_flag(layout, cells, _DRIVER, place),
    )


def _text(layout: Layout, cells: Sequence[Cell], title: str) -> str:
    cell = layout.cell(cells, title)
    return "" if cell.broken else text_of(cell.value)


def _flag(layout: Layout, cells: Sequence[Cell], title: str, place: Place) -> bool | None:
    """Blank means no, where the sheet has the column at all."""
    written = _text(layout, cells, title)
    try:
        return bool(flag_of(written)) if layout.has(title) else None
    except ValueError:
        place.doubt(DoubtKind.FLAG_UNREADABLE, written)
        return False


def _stranger(name: str) -> SheetPerson:
    return SheetPerson(row=None, gs_name=name, name=name, email="", phone="", is_medic=None, is_driver=None)


def _remark_uninvolved(named: set[int], directory: Sequence[SheetPerson], findings: Findings) -> None:
    for place, person in enumerate(directory):
        if place not in named:
            findings.at(TITLE, person.row or 0).skip(DoubtKind.PERSON_UNINVOLVED, person.name)


def _remark_shared_addresses(people: Collection[SheetPerson], findings: Findings) -> None:
    times = Counter(person.email for person in people)
    for person in people:
        if person.email and times[person.email] > 1:
            findings.at(TITLE, person.row or 0).doubt(DoubtKind.EMAIL_REPEATED, person.email)
