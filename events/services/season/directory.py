"""Whom a written name means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from events.importing.names import NameBook, person_key
from events.importing.records import Season, SheetPerson
from roster.models import User
from roster.privacy import traces


@dataclass(frozen=True)
class Found:
    """The answer to one written name. Without a person it is unknown, or `ambiguous`: several people bear it."""

    person: User | None = None
    ambiguous: bool = False
    approximate: bool = False
    """The person is written differently; worth a warning."""


class Directory:
    """All accounts, inactive and archived ones included, under their names and under those the season uses.

    `shared` are names that the season's own list gives to several people: they mean nobody, even where only one
    of these people has an account. `people` are those of the season, among whom erased ones are recognised.
    """

    def __init__(self, shared: Iterable[str] = (), people: Iterable[SheetPerson] = ()) -> None:
        self._people: dict[Any, User] = {person.pk: person for person in User.objects.by_name()}
        self._register: NameBook[Any] = NameBook((person.pk, person.name) for person in self._people.values())
        self._addresses = {person.email: person for person in self._people.values()}
        self._season: NameBook[Any] = NameBook(())
        self._shared = {person_key(name) for name in shared}
        self._erased = traces.erased_among(text for row in people for text in (row.name, row.gs_name, row.email))

    def lock(self, season: Season) -> None:
        """Lock everybody whom the season may mean, so that their standing stays as it is judged."""
        names = [spelling for row in season.people for spelling in (row.name, row.gs_name)]
        names += [name for event in season.events for name in event.crew]
        found = {self.find(name).person for name in names} | {self.at_address(row.email) for row in season.people}
        found |= {self.with_key(event.leader) for event in season.events}
        keys = [person.pk for person in found if person is not None]
        list(User.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").values_list("pk"))

    def learn(self, name: str, person: User) -> None:
        """Remember whom the season means by a name; this goes before what the register knows."""
        self._people[person.pk] = person
        self._addresses[person.email] = person
        self._season.add(person.pk, name)

    def find(self, name: str) -> Found:
        """Return whom the name means, without guessing between two people."""
        if person_key(name) in self._shared:
            return Found(ambiguous=True)
        for book in (self._season, self._register):
            match = book.find(name)
            if match.key is not None:
                return Found(self._people[match.key], approximate=match.approximate)
            if match.ambiguous:
                return Found(ambiguous=True)
        return Found()

    def with_key(self, key: UUID | None) -> User | None:
        """Return the account with the key."""
        return None if key is None else self._people.get(key)

    def was_erased(self, row: SheetPerson) -> bool:
        """Say whether somebody of this name or address has been erased."""
        return not self._erased.isdisjoint({row.name, row.gs_name, row.email})

    def at_address(self, email: str) -> User | None:
        """Return the account with the address."""
        return self._addresses.get(email) if email else None
