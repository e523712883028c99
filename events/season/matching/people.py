"""Matching people: whom a written name means here, who the people of a season are, and who of them could lead.

The rule about leading itself is `querysets.people_able_to_lead`; here it is asked about an import yet to happen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from credentials.models import Holding, Qualification
from events.models import Event
from events.season.matching.staffing import Managed
from events.season.reading.people import NameBook, person_key
from events.season.reading.records import Season, SheetPerson
from medcover.common.intervals import local_day
from roster.models import User
from roster.privacy import traces
from roster.rights import Role, permissions_of


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


Change = tuple[Qualification, bool]


@dataclass(frozen=True)
class Recognised:
    """An account that a person of the season is taken for."""

    account: User
    by_name: bool
    """By the name; otherwise by the address."""


def recognised(people: Sequence[SheetPerson], directory: Directory) -> dict[int, Recognised]:
    """Match by name, then the rest by address; one account is never two people of the season."""
    found: dict[int, Recognised] = {}
    claimed: set[Any] = set()
    for by_name in (True, False):
        for place, row in enumerate(people):
            account = None if place in found else _look(row, directory, by_name=by_name)
            if account is not None and account.pk not in claimed:
                found[place] = Recognised(account, by_name)
                claimed.add(account.pk)
    return found


def _look(row: SheetPerson, directory: Directory, *, by_name: bool) -> User | None:
    if by_name:
        return directory.find(row.name).person or directory.find(row.gs_name).person
    return directory.at_address(row.email)


def differences(row: SheetPerson, account: User) -> Iterator[str | Promise]:
    """Yield what the account says otherwise than the season."""
    if account.name not in (row.name, row.gs_name):
        yield _("The person is taken for %s, who is known already.") % account.name
    if row.email and row.email != account.email:
        yield _("The account has another e-mail address, which is kept.")


def obstacle(row: SheetPerson, directory: Directory) -> str | Promise | None:
    """Return why somebody unknown can have no account."""
    if directory.find(row.name).ambiguous or directory.find(row.gs_name).ambiguous:
        return _("More than one person has this name; none is chosen.")
    if directory.was_erased(row):
        return _(
            "The personal data of somebody of this name or address have been erased; an import makes no new account "
            "for them. If this is somebody else, create the account by hand first."
        )
    if not row.email:
        return _("The person has no account and cannot get one without an e-mail address.")
    owner = directory.at_address(row.email)
    return _("The e-mail address belongs to %s; there is no second account.") % owner.name if owner else None


def wanted(row: SheetPerson, managed: Managed) -> list[Change]:
    """Return the managed qualifications of which the source speaks, each with whether it is held.

    Where it says nothing, nothing is taken or given.
    """
    rank = [] if row.is_medic is None else [(managed.medic, row.is_medic), (managed.novice, not row.is_medic)]
    return rank if row.is_driver is None else [*rank, (managed.driver, row.is_driver)]


def wanted_at_first(row: SheetPerson, managed: Managed) -> list[Qualification]:
    """Return what a new person holds; who is not said to be a medic begins as a novice."""
    rank = managed.medic if row.is_medic else managed.novice
    return [rank, managed.driver] if row.is_driver else [rank]


def changes(row: SheetPerson, managed: Managed, held: Collection[int]) -> list[Change]:
    """Return what must be given and taken so that the person holds what the source says; `held` are keys."""
    return [(found, holds) for found, holds in wanted(row, managed) if holds != (found.pk in held)]


def words_of(found: Sequence[Change]) -> str:
    """Write changes as "+Zdravotník, −Zelenáč"."""
    return ", ".join(f"{'+' if holds else '−'}{qualification.name}" for qualification, holds in found)


@dataclass
class Abilities:
    """Who holds what, as it would be after the import; read once for everybody."""

    held: dict[Any, dict[int, tuple[bool, date | None]]] = field(default_factory=lambda: defaultdict(dict))
    """Person → qualification → whether it makes able to lead, last valid day."""
    members: set[Any] = field(default_factory=set)
    """Who may sign up for events."""

    def __post_init__(self) -> None:
        held = Holding.objects.living().values_list("person", "qualification", "qualification__can_lead", "valid_until")
        for person, qualification, can_lead, until in held:
            self.held[person][qualification] = (can_lead, until)
        self.members |= set(User.objects.holding_permission("events.assign_own").values_list("pk", flat=True))

    def change(self, person: User, changes: Sequence[Change]) -> None:
        """Note what the person is given and loses; a qualification still to be created is nobody's yet."""
        for qualification, holds in changes:
            if holds:
                self.held[person.pk][_key(qualification)] = (qualification.can_lead, None)
            else:
                self.held[person.pk].pop(_key(qualification), None)

    def welcome(self, person: User) -> None:
        """Note that a new person, unless put away, is a member."""
        if person.is_active and "events.assign_own" in permissions_of(Role.MEMBER):
            self.members.add(person.pk)

    def can_lead(self, event: Event, person: User) -> bool:
        """Say whether the person could be responsible for the event on its day."""
        day = local_day(event.start, timezone.get_current_timezone())
        leading = (until for leads, until in self.held[person.pk].values() if leads)
        return person.pk in self.members and any(until is None or day <= until for until in leading)


def _key(qualification: Qualification) -> int:
    """Return a key also for one that is not stored: no other stored one has it."""
    return qualification.pk or -id(qualification)
