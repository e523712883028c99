"""Events of the seed data over five years: the status of each, and what it asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from random import Random
from typing import Any

from events.demo.organisation import DOCTOR, DRIVER, MEDIC, NOVICE, PARAMEDIC
from events.load.inserting import Inserting
from events.load.names import DESCRIPTION, OCCASIONS, SERIES, VENUES
from events.load.people import Register
from events.load.shape import ARCHIVED_AFTER_DAYS, BY_CONDITIONS, COMING_DAYS, PAST_DAYS, Shape
from events.models import Event, MasterEvent, Position, StaffingCondition
from events.rules.coverage import Demand
from events.rules.lifecycle import Status
from events.rules.planning import Kind
from events.rules.staffing import Mode
from events.services.masters import ensure_general
from roster.models import User

#: Four places each: what they demand, whether they are optional, what they are called.
_PLACES: tuple[tuple[tuple[tuple[str, ...], bool, str], ...], ...] = (
    (((MEDIC,), False, ""), ((NOVICE,), False, ""), ((DRIVER,), False, "Řidič"), ((NOVICE,), True, "")),
    (((PARAMEDIC,), False, "Vedoucí"), ((MEDIC, DRIVER), False, "Řidič"), ((NOVICE,), False, ""), ((), True, "Pomoc")),
    (((MEDIC,), False, "Vedoucí"), ((MEDIC,), False, ""), ((NOVICE,), False, ""), ((NOVICE,), True, "Náslech")),
    (((DOCTOR,), False, "Lékař"), ((MEDIC,), False, ""), ((DRIVER,), False, "Řidič"), ((NOVICE,), False, "")),
)
#: Least and most people, and what they have to hold.
_CONDITIONS: tuple[tuple[int, int, dict[str, int]], ...] = (
    (2, 3, {MEDIC: 1}),
    (2, 4, {MEDIC: 1, DRIVER: 1}),
    (3, 5, {PARAMEDIC: 1, MEDIC: 2, DRIVER: 1}),
    (3, 4, {DOCTOR: 1, MEDIC: 1}),
)
_KINDS = (Kind.MEDICAL,) * 8 + (Kind.PRESENTATION, Kind.TRAINING)
_COORDINATED, _IN_SERIES = SERIES[-1], 0.65
_PAST_CANCELLED, _PUBLISHED_AFTER = 0.03, 3


@dataclass
class Planned:
    """An event with what it asks for, and later with who stands on it."""

    event: Event
    days: tuple[date, ...]
    places: list[tuple[Position, tuple[int, ...]]] = field(default_factory=list)
    demands: list[Demand] = field(default_factory=list)
    #: People, each with the number of the place they stand on, None with conditions; in the order of signing up.
    crew: list[tuple[User, int | None]] = field(default_factory=list)
    #: Who is offered the last free place, and its number.
    offered: tuple[User, int] | None = None

    @property
    def day(self) -> date:
        """The day that decides what holds."""
        return self.days[0]

    @property
    def is_coordinated(self) -> bool:
        """Whether a coordinator places the people."""
        return bool(self.event.master_event.is_coordinated)


@dataclass(frozen=True)
class Calendar:
    """The moment around which everything happens, and where."""

    at: datetime
    zone: tzinfo

    @property
    def today(self) -> date:
        """The day of the moment."""
        return self.at.astimezone(self.zone).date()

    def span(self, offset: int, rng: Random) -> tuple[datetime, datetime]:
        """Return start and end of an event that many days from today."""
        clock = time(rng.randrange(7, 20), rng.choice((0, 0, 30)))
        start = datetime.combine(self.today + timedelta(days=offset), clock, tzinfo=self.zone)
        return start, start + timedelta(hours=rng.choice((3, 4, 5, 6, 8, 10)))


class Planner:
    """Makes events with the people of a register to run them."""

    def __init__(self, register: Register, calendar: Calendar, rng: Random) -> None:
        self._register, self._calendar, self._rng = register, calendar, rng
        self._general = ensure_general()
        self._masters: dict[str, MasterEvent] = {}

    def plan(self, shape: Shape) -> list[Planned]:
        """Return all events in order of time, not yet in the database."""
        past = [self._past(_spread(number, shape.past, PAST_DAYS) - PAST_DAYS - 2) for number in range(shape.past)]
        statuses = [status for status, count in shape.statuses.items() for _ in range(count)]
        self._rng.shuffle(statuses)
        coming = [
            self._coming(number, status, _spread(number, len(statuses), COMING_DAYS) + 1)
            for number, status in enumerate(statuses)
        ]
        return past + coming

    def save(self, plans: Sequence[Planned], inserting: Inserting) -> None:
        """Insert the events with what they ask for."""
        self._save_masters(inserting)
        inserting.insert(Event, [plan.event for plan in plans])
        _save_places(plans, inserting)
        _save_conditions(plans, inserting)

    def _past(self, offset: int) -> Planned:
        cancelled = self._rng.random() < _PAST_CANCELLED
        status = Status.CANCELLED if cancelled else Status.COMPLETED
        return self._with_places(self._planned(status, offset))

    def _coming(self, number: int, status: Status, offset: int) -> Planned:
        plan = self._planned(status, offset)
        if status is Status.PUBLISHED:
            at, start = self._calendar.at, plan.event.start
            plan.event.signups_open_at = at + (start - at) / _PUBLISHED_AFTER
        return self._with_conditions(plan) if number % BY_CONDITIONS == 1 else self._with_places(plan)

    def _planned(self, status: Status, offset: int) -> Planned:
        rng, (start, end) = self._rng, self._calendar.span(offset, self._rng)
        kind = rng.choice(_KINDS)
        event = Event(
            name=f"{rng.choice(OCCASIONS)} {rng.choice(VENUES)}",
            kind=kind,
            status=status,
            is_archived=status is Status.CANCELLED or offset < -ARCHIVED_AFTER_DAYS,
            start=start,
            end=end,
            master_event=self._master(start.year),
            address=f"{rng.choice(VENUES)}, vchod {rng.randrange(1, 9)}",
            contact=f"pořadatel, tel. 602 {rng.randrange(1000):03d} {rng.randrange(1000):03d}",
            is_paid=rng.random() < 0.4,
            description=DESCRIPTION if rng.random() < 0.5 else "",
            planned_participants=rng.randrange(8, 30) if kind is Kind.TRAINING else None,
            creator=rng.choice(self._register.coordinators),
        )
        event.set_name_keys()
        return Planned(event, tuple(dict.fromkeys((start.date(), end.date()))))

    def _with_places(self, plan: Planned) -> Planned:
        for demands, is_optional, description in self._rng.choice(_PLACES):
            position = Position(description=description, is_optional=is_optional)
            plan.places.append((position, tuple(self._register.qualifications[name].pk for name in demands)))
        return plan

    def _with_conditions(self, plan: Planned) -> Planned:
        event, (least, most, demands) = plan.event, self._rng.choice(_CONDITIONS)
        event.staffing_mode, event.min_participants, event.max_participants = Mode.CONDITIONS, least, most
        plan.demands = [Demand(self._register.qualifications[name].pk, count) for name, count in demands.items()]
        return plan

    def _master(self, year: int) -> MasterEvent:
        """Two thirds of the events belong to a series of their year; one series has a coordinator."""
        if self._rng.random() > _IN_SERIES:
            return self._general
        series = self._rng.choice(SERIES)
        name = f"{series} {year}"
        if name not in self._masters:
            coordinator = self._rng.choice(self._register.coordinators) if series == _COORDINATED else None
            self._masters[name] = MasterEvent(name=name, coordinator=coordinator)
            self._masters[name].set_name_keys()
        return self._masters[name]

    def _save_masters(self, inserting: Inserting) -> None:
        today = self._calendar.today
        for master in self._masters.values():
            year = int(master.name.rsplit(" ", 1)[1])
            master.is_archived = date(year, 12, 31) < today - timedelta(days=ARCHIVED_AFTER_DAYS)
        inserting.insert(MasterEvent, list(self._masters.values()))


def _spread(number: int, count: int, days: int) -> int:
    """Return on which of the days the event of this number is, when all are spread evenly."""
    return number * days // max(count, 1)


def _save_places(plans: Sequence[Planned], inserting: Inserting) -> None:
    for plan in plans:
        for position, _demands in plan.places:
            position.event = plan.event
    inserting.insert(Position, [position for plan in plans for position, _demands in plan.places])
    inserting.insert(Position.qualifications.through, list(_demanded(plans)))


def _demanded(plans: Sequence[Planned]) -> Iterator[Any]:
    through: Any = Position.qualifications.through
    for plan in plans:
        for position, demands in plan.places:
            for key in demands:
                yield through(position_id=position.pk, qualification_id=key)


def _save_conditions(plans: Sequence[Planned], inserting: Inserting) -> None:
    rows = [
        StaffingCondition(event=plan.event, qualification_id=demand.qualification, minimum=demand.minimum, order=order)
        for plan in plans
        for order, demand in enumerate(plan.demands)
    ]
    inserting.insert(StaffingCondition, rows)
