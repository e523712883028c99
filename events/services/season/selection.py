"""What is left of a season when some of its rows are not wanted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from events.importing.doubts import Doubt, DoubtKind
from events.importing.people import TITLE as PEOPLE
from events.importing.records import Season
from events.importing.sheet import TITLE as EVENTS
from events.services.season.forecast import Deselected
from events.services.season.run import part_of


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
