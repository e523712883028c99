"""Crews of the seed data: as many people as an event's status wants, all able, nobody twice at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from events.load.inserting import Inserting
from events.load.people import Register
from events.load.plan import Calendar, Planned
from events.models import Assignment
from events.rules.joining import Crew
from events.rules.lifecycle import Status
from roster.models import User

#: How many of the four places are taken, and how often of a hundred; together six tenths.
_TAKEN_OVER = ((0, 5), (1, 14), (2, 31), (3, 30), (4, 20))
_TAKEN_OPEN = ((0, 5), (1, 12), (2, 28), (3, 55))
_CLOSED_BY_HAND, _OFFERED = 0.15, 0.2
_TRIES = 40
_EARLIER = timedelta(days=365)


class Casting:
    """Assigns people to events; keeps in mind who is on duty on which day."""

    def __init__(self, register: Register, calendar: Calendar, rng: Random) -> None:
        self._register, self._calendar, self._rng = register, calendar, rng
        self._busy: dict[date, set[UUID]] = defaultdict(set)

    def cast(self, plan: Planned) -> None:
        """Assign people to the event and name who leads it; closed by capacity is what nobody else fits on."""
        if plan.event.status in (Status.PUBLISHED, Status.DRAFT):
            return
        by_hand = self._rng.random() < _CLOSED_BY_HAND
        if plan.event.by_conditions:
            self._seat(plan, self._seats_wanted(plan, by_hand=by_hand))
        else:
            self._place(plan, self._places_wanted(plan, by_hand=by_hand))
        if plan.event.status is Status.CLOSED:
            self._offer_last(plan)
            plan.event.capacity_closed = len(plan.crew) + bool(plan.offered) == _room(plan)
        self._name_leader(plan)

    def somebody(self, plan: Planned, demands: Sequence[int], *, but: Sequence[User] = ()) -> User | None:
        """Return an active person who is able, not on the event, not among those named, and free on its days."""
        pool = self._register.able[demands[0]] if demands else self._register.members
        taken = {person.pk for person, _place in plan.crew} | {person.pk for person in but}
        tried = (self._rng.choice(pool) for _ in range(_TRIES if pool else 0))
        return next((person for person in tried if person.pk not in taken and self._fits(person, plan, demands)), None)

    def _fits(self, person: User, plan: Planned, demands: Sequence[int]) -> bool:
        free = all(person.pk not in self._busy[day] for day in plan.days)
        return free and self._register.is_able(person, demands, plan.day)

    def _places_wanted(self, plan: Planned, *, by_hand: bool) -> int:
        if plan.event.status is Status.CLOSED:
            return 2 if by_hand else len(plan.places) - (self._rng.random() < _OFFERED)
        counts, weights = zip(*(_TAKEN_OPEN if plan.event.status is Status.OPEN else _TAKEN_OVER), strict=True)
        return int(self._rng.choices(counts, weights)[0])

    def _seats_wanted(self, plan: Planned, *, by_hand: bool) -> int:
        most = plan.event.max_participants or 0
        if plan.event.status is Status.CLOSED:
            return most - 1 if by_hand else most
        return self._rng.randrange(most)

    def _place(self, plan: Planned, wanted: int) -> None:
        """Take places, the most demanding first more often than not."""
        numbers = sorted(range(len(plan.places)), key=lambda number: number + 2 * self._rng.random())
        for number in numbers:
            if len(plan.crew) == wanted:
                return
            person = self._for_place(plan, plan.places[number][1])
            if person is not None:
                self._join(plan, person, number)

    def _for_place(self, plan: Planned, demands: Sequence[int]) -> User | None:
        """Long ago people stood on duty who have left since."""
        long_ago = plan.event.start < self._calendar.at - _EARLIER
        if long_ago and self._register.former and self._rng.random() < 0.03:
            person = self._rng.choice(self._register.former)
            taken = {other.pk for other, _place in plan.crew}
            if person.pk not in taken and self._fits(person, plan, demands):
                return person
        return self.somebody(plan, demands)

    def _seat(self, plan: Planned, wanted: int) -> None:
        """Take seats, each only where the rule of kept seats lets one more person in."""
        crew = Crew(plan.demands, [], plan.event.max_participants or 0, self._register.hierarchy)
        for number in range(wanted):
            demand = plan.demands[number % len(plan.demands)].qualification
            person = self.somebody(plan, (demand,))
            held = self._register.held_on(person, plan.day) if person else frozenset()
            if person is not None and crew.may_be_joined_by(held):
                crew = crew.joined_by(held)
                self._join(plan, person, None)

    def _offer_last(self, plan: Planned) -> None:
        """Where one place is left and people place themselves, somebody who waits is offered it."""
        free = set(range(len(plan.places))) - {place for _person, place in plan.crew}
        if len(free) == 1 and not plan.is_coordinated:
            number = free.pop()
            person = self.somebody(plan, plan.places[number][1])
            plan.offered = (person, number) if person else None

    def _join(self, plan: Planned, person: User, number: int | None) -> None:
        plan.crew.append((person, number))
        for day in plan.days:
            self._busy[day].add(person.pk)

    def _name_leader(self, plan: Planned) -> None:
        """The first to join who is able leads."""
        able = (person for person, _place in plan.crew if self._register.can_lead(person, plan.day))
        plan.event.responsible_person = next(able, None)


def _room(plan: Planned) -> int:
    return plan.event.max_participants or len(plan.places)


def signed_up_at(plan: Planned, at: datetime, number: int) -> datetime:
    """Return when the person of this number signed up: some hours after the one before."""
    return min(plan.event.start, at) - timedelta(days=20) + number * timedelta(hours=7)


def save_crews(plans: Sequence[Planned], inserting: Inserting, *, at: datetime) -> list[Assignment]:
    """Insert who stands where and return it."""
    rows = [
        Assignment(
            event=plan.event,
            position=None if place is None else plan.places[place][0],
            person=person,
            assigned_by=plan.event.master_event.coordinator or person,
            assigned_at=signed_up_at(plan, at, number),
        )
        for plan in plans
        for number, (person, place) in enumerate(plan.crew)
    ]
    inserting.insert(Assignment, rows)
    return rows
