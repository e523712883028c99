"""The planning sheet: what is read, what is remarked, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.styles import Font

from events.season.reading.cells import Titles
from events.season.reading.records import Doubt, DoubtKind, Findings, Season, SheetEvent
from events.season.reading.sheet import read_season

SAMPLE = Path(__file__).parents[2] / "fixtures" / "season-sample.xlsx"
HEADINGS = ["Akce", "Datum", "Místo", "Auto/stan", "Typ", "Kontakt pořadatel", "Začátek", "Konec", "Hlídky"]
HEADINGS += ["Ošetřeno", "Délka", "Placená", "ZZ", "Přihlášení 1", "Přihlášení 2"]
DAY = datetime(2026, 9, 5, tzinfo=UTC).replace(tzinfo=None)  # as spreadsheets keep it


def sheet(*rows: list[Any], headings: list[Any] | None = None, people: list[list[Any]] | None = None) -> BytesIO:
    """A workbook with the given rows from row 3 on."""
    book = Workbook()
    dozory = book.active
    dozory.title = "Dozory"
    for row in (["Dozory"], HEADINGS if headings is None else headings, *rows):
        dozory.append(row or [None])
    if people is not None:
        lidi = book.create_sheet("Lidi")
        for row in people:
            lidi.append(row)
    return saved(book)


def saved(book: Workbook) -> BytesIO:
    file = BytesIO()
    book.save(file)
    file.seek(0)
    return file


def row(name: Any = "Pouť", day: Any = DAY, **values: Any) -> list[Any]:
    """A row of the usual layout; values by heading."""
    cells = {"Akce": name, "Datum": day, "Začátek": time(9), "Konec": time(12)} | values
    return [cells.get(heading) for heading in HEADINGS]


def only_event(season: Season) -> SheetEvent:
    (event,) = season.events
    return event


def kinds(remarks: tuple[Doubt, ...], sheet_title: str = "Dozory") -> list[tuple[int, DoubtKind]]:
    return [(remark.row, remark.kind) for remark in remarks if remark.sheet == sheet_title]


@pytest.fixture(scope="module")
def sample() -> Season:
    return read_season(SAMPLE)


@pytest.fixture(scope="module")
def by_row(sample: Season) -> dict[int, SheetEvent]:
    return {event.row: event for event in sample.events}


# The sample: every untidiness once (fixtures/README.md).


def test_every_row_becomes_an_event_or_a_remark(sample: Season) -> None:
    rows = [event.row for event in sample.events] + [row for row, _ in kinds(sample.skipped)]
    assert sorted(rows) == list(range(3, 17))


def test_a_tidy_row(by_row: dict[int, SheetEvent]) -> None:
    assert by_row[3] == SheetEvent(
        row=3,
        name="Běh zámeckým parkem",
        day=date(2026, 9, 5),
        start_time=time(9),
        end_time=time(14, 30),
        location="Zámecký park",
        contact_person="Spolek Pohyb, tel. 602 000 111",
        responsible_person="Malá Hana",
        description=(
            "Typ: dozor | Vozidlo/stan: sanita | Kontakt pořadatel: Spolek Pohyb, tel. 602 000 111"
            " | Přihlášení (import z GS): Bartoš Vít, Šípková Ema"
        ),
        paid=True,
        time_missing=False,
        cancelled=False,
        signups=("Bartoš Vít", "Šípková Ema"),
    )


def test_rows_that_are_left_out_say_why(sample: Season) -> None:
    assert kinds(sample.skipped) == [
        (7, DoubtKind.BLANK_ROW),
        (9, DoubtKind.NAME_MISSING),
        (10, DoubtKind.DATE_MISSING),
        (11, DoubtKind.DATE_UNREADABLE),
    ]


def test_doubtful_cells_are_remarked_and_keep_their_row(sample: Season) -> None:
    assert kinds(sample.doubts) == [
        (2, DoubtKind.COLUMN_IGNORED),
        (4, DoubtKind.NAME_LIKE_FORMULA),
        (12, DoubtKind.START_MISSING),
        (12, DoubtKind.END_MISSING),
        (13, DoubtKind.PERSON_DROPPED),
        (13, DoubtKind.PERSON_DROPPED),
        (13, DoubtKind.PERSON_REPEATED),
        (14, DoubtKind.PERSON_DROPPED),
        (14, DoubtKind.PERSON_AMBIGUOUS),
        (15, DoubtKind.CELL_BROKEN),
        (15, DoubtKind.PERSON_STRUCK),
        (15, DoubtKind.TIME_UNREADABLE),
        (15, DoubtKind.FLAG_UNREADABLE),
    ]


def test_remarks_are_sentences_with_the_text_in_doubt(sample: Season) -> None:
    with translation.override("en"):
        messages = [remark.message for remark in sample.skipped + sample.doubts]
    assert "The date “příští sobotu” cannot be read." in messages
    assert not [message for message in messages if "%(" in message]


def test_repeated_names_are_told_apart(by_row: dict[int, SheetEvent]) -> None:
    assert by_row[3].name == "Běh zámeckým parkem"
    assert by_row[5].name == "Běh zámeckým parkem 12.9."
    assert by_row[6].name == "běh zámeckým parkem 12.9. (2)"


def test_struck_through_is_cancelled(sample: Season) -> None:
    assert [event.row for event in sample.events if event.cancelled] == [8, 16]


def test_without_a_start_the_event_says_so(by_row: dict[int, SheetEvent]) -> None:
    event = by_row[12]
    assert (event.start_time, event.end_time, event.time_missing) == (None, None, True)
    assert event.description.startswith("Pozor: v tabulce chybí čas začátku | Typ: dozor | ")


def test_times_written_as_text(by_row: dict[int, SheetEvent]) -> None:
    assert by_row[4].start_time == time(18)
    assert by_row[5].start_time == time(8, 30)


def test_people_are_named_once_and_as_written(by_row: dict[int, SheetEvent]) -> None:
    assert by_row[13].crew == ("Hana Malá", "říha adam")


def test_stray_spaces_and_a_date_as_text(by_row: dict[int, SheetEvent]) -> None:
    assert (by_row[14].name, by_row[14].day) == ("Ples hasičů", date(2026, 10, 24))


def test_yes_and_no(by_row: dict[int, SheetEvent]) -> None:
    assert [row for row, event in by_row.items() if event.paid] == [3, 5, 8, 13, 14]


def test_people_are_those_on_events_in_one_spelling(sample: Season) -> None:
    assert [person.name for person in sample.people] == [
        "Malá Hana",
        "Bartoš Vít",
        "Šípková Ema",
        "Říha Adam",
        "Chvátal Ivo",
    ]


def test_a_person_brings_contact_and_skills(sample: Season) -> None:
    hana, vit, ema, adam, ivo = sample.people
    assert (hana.email, hana.phone, hana.is_medic, hana.is_driver) == (
        "hana.mala@example.org",
        "+420 777 000 101",
        True,
        True,
    )
    assert (vit.phone, vit.is_driver) == ("777000102", False)
    assert (ema.phone, adam.email) == ("", "")
    # Two people bear the name: nothing is known about the one who is meant.
    assert (ivo.row, ivo.email, ivo.is_medic) == (None, "", None)


def test_remarks_about_the_list_of_people(sample: Season) -> None:
    assert kinds(sample.skipped, "Lidi") == [(9, DoubtKind.PERSON_UNINVOLVED), (10, DoubtKind.PERSON_NAMELESS)]
    assert kinds(sample.doubts, "Lidi") == [
        (3, DoubtKind.EMAIL_REPEATED),
        (4, DoubtKind.PHONE_UNREADABLE),
        (5, DoubtKind.EMAIL_UNREADABLE),
        (6, DoubtKind.FLAG_UNREADABLE),
        (8, DoubtKind.PERSON_REPEATED),
        (9, DoubtKind.EMAIL_REPEATED),
    ]


def test_reading_twice_gives_the_same(sample: Season) -> None:
    with SAMPLE.open("rb") as file:
        assert read_season(file) == sample


def test_the_cut_off_leaves_earlier_events_out_and_changes_no_name(sample: Season) -> None:
    season = read_season(SAMPLE, cut_off=date(2026, 9, 12))
    assert [event.name for event in season.events] == [event.name for event in sample.events][2:]
    assert (3, DoubtKind.BEFORE_CUT_OFF) in kinds(season.skipped)
    assert "Malá Hana" in [person.name for person in season.people]


# Layouts.


def test_columns_are_found_by_their_headings() -> None:
    headings = ["Datum", "Název akce", "Do", "Od", "Přihlášení 1", "Zodpovědná osoba"]
    source = sheet([DAY, "Ples", time(3), time(19), "Malá Hana", "Říha Adam"], headings=headings, people=[["Jméno"]])
    event = only_event(read_season(source))
    assert (event.name, event.start_time, event.end_time) == ("Ples", time(19), time(3))
    assert event.crew == ("Říha Adam", "Malá Hana")


def test_without_headings_the_letters_of_the_old_layout_count() -> None:
    cells = ["Ples", DAY, "Sokolovna", None, None, None, time(19), time(3), 1, None, "ano", 8, "Říha Adam", "Malá Hana"]
    season = read_season(sheet([*cells, "Bartoš Vít"], headings=[]))
    event = only_event(season)
    assert (event.location, event.paid, event.crew) == ("Sokolovna", True, ("Říha Adam", "Malá Hana", "Bartoš Vít"))
    assert (2, DoubtKind.COLUMN_BY_LETTER) in kinds(season.doubts)


def test_a_column_with_another_heading_is_not_taken_by_its_letter() -> None:
    headings = [heading for heading in HEADINGS if heading != "Placená"]
    headings.insert(9, "Poznámka")  # the length stands in K now, where the old layout has the payment
    season = read_season(sheet(["Ples", DAY, *[None] * 8, 1], headings=headings))
    assert not only_event(season).paid
    assert (2, DoubtKind.COLUMN_MISSING) in kinds(season.doubts)


def test_signups_missing_because_another_heading_stands_there() -> None:
    headings = [*HEADINGS[:12], "Délka", "ZZ"]
    event = only_event(read_season(sheet(["Ples", DAY, *[None] * 11, "Malá Hana"], headings=headings)))
    assert event.crew == ("Malá Hana",)


def test_surname_and_first_name_apart() -> None:
    people = [
        ["Příjmení", "Jméno", "E-mail", "Zdravotník", "Telefon"],
        ["Malá", "Hana", "h@example.org", "ano", 777000101],
    ]
    (person,) = read_season(sheet(row(ZZ="Malá Hana"), people=people)).people
    assert (person.name, person.email, person.phone, person.is_medic) == (
        "Malá Hana",
        "h@example.org",
        "777000101",
        True,
    )
    assert person.is_driver is None


def test_without_the_list_of_people_only_names_are_known() -> None:
    season = read_season(sheet(row(ZZ="Malá Hana")))
    assert [(person.name, person.row) for person in season.people] == [("Malá Hana", None)]
    assert kinds(season.doubts, "Lidi") == [(1, DoubtKind.SHEET_MISSING)]
    assert (3, DoubtKind.PERSON_UNLISTED) in kinds(season.doubts)


def test_a_struck_date_alone_cancels() -> None:
    book = Workbook()
    book.active.title = "Dozory"
    for cells in (["Dozory"], HEADINGS, row()):
        book.active.append(cells)
    book.active["B3"].font = Font(strike=True)
    assert only_event(read_season(saved(book))).cancelled


def test_a_whole_row_struck_through_is_one_cancellation() -> None:
    book = Workbook()
    book.active.title = "Dozory"
    for cells in (["Dozory"], HEADINGS, row(ZZ="Malá Hana")):
        book.active.append(cells)
    for cell in book.active[3]:
        cell.font = Font(strike=True)
    season = read_season(saved(book))
    assert only_event(season).cancelled
    assert DoubtKind.PERSON_STRUCK not in [doubt.kind for doubt in season.doubts]


def test_columns_that_are_not_wanted_raise_no_doubts() -> None:
    season = read_season(
        sheet(row(Hlídky="=A9", Ošetřeno="#N/A", Délka="=H3-G3"), people=[["Jméno", "Telefon", "E-mail", "Zdravotník"]])
    )
    assert season.doubts == ()


@pytest.mark.parametrize("broken", ["=A9", "#REF!"])
@pytest.mark.parametrize(("column", "title"), [("A", "Akce"), ("B", "Datum")])
def test_a_broken_name_or_date_leaves_the_row_out_with_its_reason(broken: str, column: str, title: str) -> None:
    book = Workbook()
    book.active.title = "Dozory"
    for cells in (["Dozory"], HEADINGS, row(), row("Ples")):
        book.active.append(cells)
    book.active[f"{column}3"] = broken
    season = read_season(saved(book))
    assert only_event(season).name == "Ples"
    assert [(doubt.row, doubt.kind, doubt.value) for doubt in season.skipped] == [(3, DoubtKind.CELL_BROKEN, title)]


def test_one_bad_cell_of_each_kind_loses_no_row() -> None:
    bad = row(**dict.fromkeys(("Místo", "Typ", "Kontakt pořadatel", "Začátek", "Konec", "Placená", "ZZ"), "=A9"))
    season = read_season(sheet(row("První"), [*bad[:13], "#N/A"], row("Třetí")))
    assert [event.name for event in season.events] == ["První", "Pouť", "Třetí"]
    assert kinds(season.doubts).count((4, DoubtKind.CELL_BROKEN)) == 8


def test_long_texts_are_cut_to_their_fields() -> None:
    season = read_season(sheet(row("N" * 300, Místo="M" * 600, ZZ="Z" * 300), row("N" * 300)))
    first, second = season.events
    assert (len(first.name), len(first.location), len(first.responsible_person)) == (255, 500, 255)
    assert len(second.name) == 255
    assert second.name.endswith("N 5.9.")
    assert [kind for _, kind in kinds(season.doubts)].count(DoubtKind.TEXT_SHORTENED) == 4


# Names of events.


def test_a_name_that_looks_like_a_dated_repeat_is_told_apart_too() -> None:
    titles = Titles()
    given_out = [titles.take(name, date(2026, 9, 28)) for name in ("Pouť 28.9.", "Pouť", "Pouť", "pouť 28.9.")]
    assert given_out == ["Pouť 28.9.", "Pouť", "Pouť 28.9. (2)", "pouť 28.9. 28.9."]


@given(st.lists(st.tuples(st.sampled_from(["Pouť", "pouť", "Pouť 1.9.", "P" * 255]), st.integers(1, 3)), max_size=30))
def test_names_are_unique_and_stay_when_rows_are_added(rows: list[tuple[str, int]]) -> None:
    def names(part: list[tuple[str, int]]) -> list[str]:
        titles = Titles()
        return [titles.take(name, date(2026, 9, day)) for name, day in part]

    everything = names(rows)
    assert len({name.casefold() for name in everything}) == len(rows)
    assert max(map(len, everything), default=0) <= 255
    assert names(rows[: len(rows) // 2]) == everything[: len(rows) // 2]


def test_remarks_know_their_place() -> None:
    findings = Findings()
    place = findings.at("Dozory", 7)
    assert not place.left_out
    place.skip(DoubtKind.BLANK_ROW)
    assert place.left_out
    assert not findings.at("Dozory", 8).left_out
