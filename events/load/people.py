"""People of the seed data: qualifications with their graph, accounts with roles, and what they hold until when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Group

from credentials import services as credentials
from credentials.models import Holding, Qualification
from events.demo.organisation import DOCTOR, DRIVER, MEDIC, NOVICE, PARAMEDIC, QUALIFICATIONS, DemoQualification
from events.load.inserting import Inserting
from events.load.names import FIRST_NAMES, SURNAMES
from events.load.shape import Shape
from events.rules.coverage import Hierarchy
from medcover.common.czech import sort_key
from roster.models import User
from roster.rights import Role, permissions_of

DOMAIN = "medcover.local"
ADDRESS = "load.{role}{number:04d}@" + DOMAIN
#: The first of their kind, always active; for whoever measures.
MEMBER, COORDINATOR = (ADDRESS.format(role=role, number=1) for role in ("member", "coordinator"))

_OTHERS = (
    DemoQualification("Psychosociální pomoc", description="Kurz první psychické pomoci."),
    DemoQualification("Radista"),
    DemoQualification("Instruktor první pomoci"),
)
#: What people are, and how many of a hundred; nobody holds both a step of the ladder and the one below it.
_LADDER = ((DOCTOR, 6), (PARAMEDIC, 14), (MEDIC, 42), (NOVICE, 30), ("", 8))
_DRIVERS, _EACH_OTHER = 0.35, 0.08
_WITHOUT_END = 0.5
_NOT_ACTIVE, _LEFT = 0.06, 0.04


@dataclass
class Register:
    """The people of the seed data, by what they are able to do."""

    qualifications: dict[str, Qualification]
    hierarchy: Hierarchy
    #: Active people who may sign up for events, and those who have left but once might.
    members: list[User] = field(default_factory=list)
    former: list[User] = field(default_factory=list)
    coordinators: list[User] = field(default_factory=list)
    #: Person → qualification → last valid day.
    held: dict[UUID, dict[int, date | None]] = field(default_factory=dict)
    #: Qualification → members who may serve as that, on some day.
    able: dict[int, list[User]] = field(default_factory=lambda: defaultdict(list))

    def held_on(self, person: User, day: date) -> frozenset[int]:
        """Return what the person holds on the day."""
        found = self.held.get(person.pk, {})
        return frozenset(key for key, until in found.items() if until is None or until >= day)

    def is_able(self, person: User, demands: Sequence[int], day: date) -> bool:
        """Say whether the person may serve as all of it on the day."""
        held = self.held_on(person, day)
        return all(self.hierarchy.satisfies(held, key) for key in demands)

    def can_lead(self, person: User, day: date) -> bool:
        """Say whether the person holds by themself what makes a responsible person."""
        leading = {row.pk for row in self.qualifications.values() if row.can_lead}
        return not leading.isdisjoint(self.held_on(person, day))


def make_register(shape: Shape, rng: Random, inserting: Inserting, *, at: datetime, today: date) -> Register:
    """Insert qualifications and people and return them."""
    register = _qualifications(at)
    everybody = [(_person(role, number, rng), role) for role, number in _roles(shape.users)]
    for person, role in everybody:
        _place(person, role, register, rng)
    inserting.insert(User, [person for person, _role in everybody])
    _give_roles(everybody, inserting)
    _give_holdings([person for person, _role in everybody], register, rng, inserting, today)
    return register


def _qualifications(at: datetime) -> Register:
    made: dict[str, Qualification] = {}
    for wanted in (*QUALIFICATIONS, *_OTHERS):
        row = Qualification(name=wanted.name, description=wanted.description, can_lead=wanted.can_lead)
        parents = [made[name].pk for name in wanted.direct_substitutes]
        made[wanted.name] = credentials.save_qualification(row, direct_substitutes=parents, by=None, at=at)
    graph = {made[wanted.name].pk: [made[name].pk for name in wanted.direct_substitutes] for wanted in QUALIFICATIONS}
    return Register(made, Hierarchy.of([row.pk for row in made.values()], graph))


def _roles(users: int) -> list[tuple[Role, int]]:
    """Return the role of everybody with a number of its own: few run the organisation, nearly all do duties."""
    few = {Role.ADMIN: max(1, users // 500), Role.COORDINATOR: max(2, users // 70), Role.VIEWER: users // 100}
    few[Role.TECHNICIAN] = users // 400
    few[Role.MEMBER] = users - sum(few.values())
    return [(role, number) for role, count in few.items() for number in range(1, count + 1)]


def _person(role: Role, number: int, rng: Random) -> User:
    person = User(
        id=UUID(int=rng.getrandbits(128), version=4),
        email=ADDRESS.format(role=role.value.lower(), number=number),
        name=f"{rng.choice(SURNAMES)} {rng.choice(FIRST_NAMES)}",
        phone=f"+420 60{rng.randrange(2, 9)} {rng.randrange(1000):03d} {rng.randrange(1000):03d}",
        is_active=True,
    )
    person.set_unusable_password()
    person.set_name_keys()
    return person


def _place(person: User, role: Role, register: Register, rng: Random) -> None:
    """Put the person among those who may stand on events; a few have left, a few wait to be let in."""
    lot = rng.random()
    if role is Role.MEMBER and lot < _NOT_ACTIVE and person.email != MEMBER:
        person.is_active, person.is_archived = False, lot < _LEFT
        if person.is_archived:
            register.former.append(person)
    elif "events.assign_own" in permissions_of(role):
        register.members.append(person)
    if role is Role.COORDINATOR:
        register.coordinators.append(person)


def _give_roles(everybody: Sequence[tuple[User, Role]], inserting: Inserting) -> None:
    groups = dict(Group.objects.values_list("name", "pk"))
    through: Any = User.groups.through
    rows = [through(user_id=person.pk, group_id=groups[role.value]) for person, role in everybody]
    inserting.insert(through, rows)


def _give_holdings(people: Sequence[User], register: Register, rng: Random, inserting: Inserting, today: date) -> None:
    able = {person.pk for person in (*register.members, *register.former)}
    for person in people:
        if person.pk in able:
            register.held[person.pk] = {
                register.qualifications[name].pk: _last_day(rng, today) for name in _names_held(rng)
            }
    rows = [
        Holding(person_id=person, qualification_id=key, valid_until=until)
        for person, held in register.held.items()
        for key, until in held.items()
    ]
    inserting.insert(Holding, rows)
    _index(register)


def _names_held(rng: Random) -> list[str]:
    steps = rng.choices([name for name, _share in _LADDER], [share for _name, share in _LADDER])
    names = [name for name in steps if name]
    if rng.random() < _DRIVERS:
        names.append(DRIVER)
    return names + [other.name for other in _OTHERS if rng.random() < _EACH_OTHER]


def _last_day(rng: Random, today: date) -> date | None:
    """Half of all holdings end some day: a few have ended, some will before long."""
    return None if rng.random() < _WITHOUT_END else today + timedelta(days=rng.randrange(-60, 900))


def _index(register: Register) -> None:
    for person in sorted(register.members, key=lambda member: (sort_key(member.name), member.email)):
        for requirement in register.hierarchy.accepted:
            if register.hierarchy.satisfies(register.held[person.pk], requirement):
                register.able[requirement].append(person)
