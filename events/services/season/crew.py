"""Who stands where on an imported event.

What a sheet records has happened or been agreed already, so neither eligibility nor overlaps are checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from django.utils.translation import gettext_lazy as _

from events.importing.records import SheetEvent
from events.services.season.directory import Directory
from events.services.season.qualifications import Demand, Demands
from events.services.season.report import RowNotes
from roster.models import User

#: A crew of up to this many people gets the small plan, whose third place is optional.
SMALL_CREW = 3


@dataclass(frozen=True)
class Place:
    """A position to be, and who stands on it."""

    demand: Demand
    is_optional: bool = False
    person: User | None = None


@dataclass(frozen=True)
class Crew:
    """All places of an event, the leader's first."""

    places: tuple[Place, ...] = ()

    @property
    def leader(self) -> User | None:
        """The person on the first place."""
        return self.places[0].person if self.places else None

    @property
    def is_full(self) -> bool:
        """Everything is filled; false without places."""
        return bool(self.places) and all(place.person for place in self.places)


def crew_of(row: SheetEvent, demands: Demands, directory: Directory, notes: RowNotes) -> Crew:
    """Return the places that the size of the crew asks for, filled in the order of signing up.

    A place whose name means nobody stays empty; names beyond the last place are dropped with a doubt. An event
    without a start, or a cancelled one, has no places.
    """
    if row.cancelled or row.time_missing:
        if row.crew:
            notes.doubt(_("The event has no positions, so nobody is signed up: %s") % ", ".join(row.crew))
        return Crew()
    seats = _Seating(directory, notes)
    leader = seats.leader(row)
    novices = [False, True] if len(row.crew) <= SMALL_CREW else [False] * len(row.signups)
    for name in row.signups[len(novices) :]:
        notes.doubt(_("There is no place left for %s.") % name)
    filled = zip_longest(novices, row.signups[: len(novices)])
    return Crew(
        (
            Place(demands.medic, person=leader),
            *(Place(demands.novice, bool(flag), seats.person(name) if name else None) for flag, name in filled),
        )
    )


class _Seating:
    """Names turned into people, each of whom gets one place only."""

    def __init__(self, directory: Directory, notes: RowNotes) -> None:
        self._directory, self._notes = directory, notes
        self._seated: set[Any] = set()

    def leader(self, row: SheetEvent) -> User | None:
        """Return who was chosen to lead, or whom the name means."""
        chosen = self._directory.with_key(row.leader)
        if chosen is not None:
            self._seated.add(chosen.pk)
            return chosen
        return self.person(row.responsible_person) if row.responsible_person else None

    def person(self, name: str) -> User | None:
        """Return whom the name means; otherwise None, with the doubt."""
        found = self._directory.find(name)
        if found.person is None:
            self._notes.doubt(_AMBIGUOUS % name if found.ambiguous else _UNKNOWN % name)
            return None
        if found.person.pk in self._seated:
            self._notes.doubt(_TWICE % {"written": name, "known": found.person.name})
            return None
        if found.approximate:
            self._notes.doubt(_TAKEN_FOR % {"written": name, "known": found.person.name})
        self._seated.add(found.person.pk)
        return found.person


# Said before an import as well as after it.
_AMBIGUOUS = _("More than one person is called %s; nobody is signed up.")
_UNKNOWN = _("%s has no account and is not signed up.")
_TWICE = _("%(written)s is %(known)s, who is signed up already.")
_TAKEN_FOR = _("%(written)s is taken for %(known)s.")
