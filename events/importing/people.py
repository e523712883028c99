"""The list of people in a workbook, and who of them takes part in the season."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from events.importing.cells import flag_of, text_of
from events.importing.columns import Column, Layout, locate
from events.importing.doubts import DoubtKind, Findings, Place
from events.importing.names import NameBook, is_name, person_key
from events.importing.records import EMAIL_LENGTH, NAME_LENGTH, SheetEvent, SheetPerson
from events.importing.workbook import Cell, Sheet
from medcover.common.phones import is_phone, normalise_phone

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
