"""A planning sheet of a whole season, in the layout of fixtures/season-sample.xlsx."""

from __future__ import annotations

from datetime import date, time, timedelta
from pathlib import Path
from random import Random

from openpyxl import Workbook

from events.load.names import FIRST_NAMES, OCCASIONS, SURNAMES, VENUES

EVENTS, PEOPLE, SEED = 130, 60, 31
_HEADINGS = (
    "Akce", "Datum", "Místo", "Auto/stan", "Typ", "Kontakt pořadatel", "Začátek", "Konec", "Hlídky", "Ošetřeno",
    "Délka", "Placená", "ZZ", "Přihlášení 1", "Přihlášení 2", "Přihlášení 3", "Přihlášení 4", "Poznámka",
)  # fmt: skip


def make_sheet(path: Path, first: date) -> Path:
    """Write a season that begins on the day, the same each time, and return where it is."""
    rng, book = Random(SEED), Workbook()  # noqa: S311 - has to repeat itself
    names = [f"{SURNAMES[number % len(SURNAMES)]} {FIRST_NAMES[number % len(FIRST_NAMES)]}" for number in range(PEOPLE)]
    sheet = book.active
    sheet.title = "Dozory"
    sheet.append(["Dozory – celá sezóna"])
    sheet.append(_HEADINGS)
    for number in range(EVENTS):
        leader = names[number % PEOPLE]  # everybody takes part in something
        others = rng.sample([name for name in names if name != leader], rng.randrange(5))
        crew: list[str | None] = [leader, *others]
        hour = rng.randrange(8, 18)
        sheet.append(
            [
                f"{rng.choice(OCCASIONS)} {rng.choice(VENUES)} {number}", first + timedelta(days=number),
                rng.choice(VENUES), rng.choice(("sanita", "stan", None)), "dozor", "pořadatel, tel. 602 000 111",
                time(hour), time(hour + 4), 1, None, 4, rng.choice(("ano", "ne")),
                *crew, *[None] * (5 - len(crew)), None,
            ]
        )  # fmt: skip
    people = book.create_sheet("Lidi")
    people.append(["Jméno", "Telefon", "E-mail", "Zdravotník", "Řidič"])
    for number, name in enumerate(names):
        people.append(
            [name, f"+420 777 000 {number:03d}", f"season.{number:03d}@example.org", rng.choice(("ano", "ne")), "ano"]
        )
    book.save(path)
    return path
