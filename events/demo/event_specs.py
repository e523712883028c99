"""Specification of a demo event: its seats or conditions, its crew, and how far its life has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from enum import Enum, auto

from events.demo.organisation import DOCTOR, DRIVER, GENERAL, MEDIC, NOVICE, PARAMEDIC
from events.demo.relative_times import When
from events.rules.planning import Kind


class Stage(Enum):
    """How far an event is taken along its life. An open one closes by itself when its last place is taken."""

    DRAFT = auto()
    PUBLISHED = auto()
    OPEN = auto()
    CLOSED_BY_HAND = auto()
    COMPLETED = auto()
    CANCELLED = auto()


@dataclass(frozen=True)
class Seat:
    """A position and, by key, who takes it."""

    description: str
    qualifications: tuple[str, ...] = ()
    taken_by: str = ""
    is_optional: bool = False


@dataclass(frozen=True)
class DemoConditions:
    """How many people an event needs and takes, how many of them with which qualification, and who takes part.

    `people` are keys in the order of signing up. `afterthought` is demanded only when all of them are there.
    """

    minimum: int
    maximum: int
    demands: Mapping[str, int]
    people: tuple[str, ...] = ()
    afterthought: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class DemoEvent:
    """An event relative to now, staffed by seats or by conditions; its name is how it is found again."""

    name: str
    when: When
    hours: float
    stage: Stage
    seats: tuple[Seat, ...] = ()
    conditions: DemoConditions | None = None
    master: str = GENERAL
    kind: Kind = Kind.MEDICAL
    address: str = ""
    contact: str = ""
    is_paid: bool = False
    description: str = ""
    opens_before: int | None = None
    """Sign-ups open so many days before the start; None: at once."""
    planned_participants: int | None = None
    is_archived: bool = False
    waiting: tuple[str, ...] = ()
    """Keys of those who wait for a place, in order."""
    dropped_out: tuple[str, ...] = ()
    """Keys of those who were on it and were taken off now."""
    hand_over: tuple[str, str] | None = None
    """Key of a participant, and of whom they ask to take their duty over."""

    def span(self, now: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
        """Return start and end."""
        start = self.when.start(now, zone)
        return start, start + timedelta(hours=self.hours)

    @property
    def crew(self) -> tuple[str, ...]:
        """Keys of those who take part."""
        if self.conditions:
            return self.conditions.people
        return tuple(seat.taken_by for seat in self.seats if seat.taken_by)


def doctor(by: str = "", *, optional: bool = False) -> Seat:
    """A place for a doctor."""
    return Seat("Lékař", (DOCTOR,), by, optional)


def paramedic(by: str = "", *, optional: bool = False) -> Seat:
    """A place for a paramedic."""
    return Seat("Záchranář", (PARAMEDIC,), by, optional)


def medic(by: str = "", *, optional: bool = False) -> Seat:
    """A place for a medic."""
    return Seat("Zdravotník", (MEDIC,), by, optional)


def novice(by: str = "", *, optional: bool = False) -> Seat:
    """A place for somebody who is learning."""
    return Seat("Zelenáč", (NOVICE,), by, optional)


def driver(by: str = "", *, optional: bool = False) -> Seat:
    """A place for a driver of the ambulance."""
    return Seat("Řidič", (DRIVER,), by, optional)


def driving_medic(by: str = "") -> Seat:
    """A place that needs two qualifications."""
    return Seat("Zdravotník-řidič", (MEDIC, DRIVER), by)


def helper(description: str, by: str = "", *, optional: bool = True) -> Seat:
    """A place for anybody."""
    return Seat(description, (), by, optional)
