"""Staffing figures of an event, on plain numbers: one set of questions for both staffing modes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Mode(TextChoices):
    """How the demand for people is described; chosen at creation."""

    POSITIONS = "positions", _("positions")
    CONDITIONS = "conditions", _("conditions")


class Level(TextChoices):
    """The staffing of an event in one word."""

    NO_POSITIONS = "none", _("No positions")
    EMPTY = "empty", _("Unstaffed")
    PARTIAL = "partial", _("Partly staffed")
    SUFFICIENT = "sufficient", _("Sufficiently staffed")
    FULL = "full", _("Fully staffed")
    UNMET = "unmet", _("Conditions not met")
    FULL_UNMET = "full_unmet", _("Capacity filled, conditions not met")


class Staffing(ABC):
    """How well an event is staffed; the same questions in both modes."""

    mode: ClassVar[Mode]
    #: Places or seats that open offers hold for people of the waiting list.
    held_places: int

    @property
    @abstractmethod
    def filled(self) -> int:
        """People on the event."""

    @property
    @abstractmethod
    def total(self) -> int:
        """People who fit on the event."""

    @property
    @abstractmethod
    def needed_filled(self) -> int:
        """Of the people who are needed, how many are there."""

    @property
    @abstractmethod
    def needed_total(self) -> int:
        """People needed at least."""

    @property
    @abstractmethod
    def is_full(self) -> bool:
        """Whether nobody else fits."""

    @property
    @abstractmethod
    def is_sufficient(self) -> bool:
        """Everything that must be there is there."""

    @property
    @abstractmethod
    def level(self) -> Level:
        """The staffing in one word."""

    @property
    def free(self) -> int:
        """Places that still wait for somebody."""
        return max(0, self.total - self.filled)

    @property
    def is_booked_out(self) -> bool:
        """Nobody else can sign up: every place is taken, or held by an offer."""
        return self.is_full or (self.held_places > 0 and self.filled + self.held_places >= self.total)

    @property
    def is_short(self) -> bool:
        """Somebody or something that is needed is missing."""
        return self.needed_filled < self.needed_total

    @property
    def by_conditions(self) -> bool:
        """The demand is described by conditions, not by positions."""
        return self.mode == Mode.CONDITIONS


@dataclass(frozen=True)
class PositionStaffing(Staffing):
    """Numbers of positions of one event and how many of them are filled."""

    mode = Mode.POSITIONS

    mandatory_total: int = 0
    mandatory_filled: int = 0
    optional_total: int = 0
    optional_filled: int = 0
    held_places: int = 0

    @property
    def total(self) -> int:
        """All positions."""
        return self.mandatory_total + self.optional_total

    @property
    def filled(self) -> int:
        """All filled positions."""
        return self.mandatory_filled + self.optional_filled

    @property
    def needed_total(self) -> int:
        """Mandatory positions."""
        return self.mandatory_total

    @property
    def needed_filled(self) -> int:
        """Filled mandatory positions."""
        return self.mandatory_filled

    @property
    def mandatory_free(self) -> int:
        """Mandatory positions that still wait for somebody."""
        return self.mandatory_total - self.mandatory_filled

    @property
    def is_full(self) -> bool:
        """Everything, mandatory and optional, is filled; false without positions."""
        return self.total > 0 and self.free == 0

    @property
    def is_sufficient(self) -> bool:
        """There is a mandatory position and all of them are filled."""
        return self.mandatory_total > 0 and self.mandatory_free == 0

    @property
    def level(self) -> Level:
        """The staffing in one word."""
        if not self.mandatory_total:
            return Level.NO_POSITIONS
        if not self.mandatory_filled:
            return Level.EMPTY
        if not self.is_sufficient:
            return Level.PARTIAL
        return Level.FULL if self.is_full else Level.SUFFICIENT


@dataclass(frozen=True)
class ConditionRow:
    """One condition: how many people it has and needs, and everybody on the event who could serve it."""

    qualification: int
    name: str
    minimum: int
    covered: int
    people: Sequence[str] = ()
    is_deleted: bool = False

    @property
    def deficit(self) -> int:
        """People still missing for it."""
        return self.minimum - self.covered


@dataclass(frozen=True)
class ConditionStaffing(Staffing):
    """People on an event with a capacity, and how far they meet its conditions."""

    mode = Mode.CONDITIONS

    count: int = 0
    minimum: int = 1
    maximum: int = 1
    rows: Sequence[ConditionRow] = ()
    leader_is_valid: bool = False
    held_places: int = 0

    @property
    def total(self) -> int:
        """The capacity."""
        return self.maximum

    @property
    def filled(self) -> int:
        """Participants."""
        return self.count

    @property
    def needed_total(self) -> int:
        """The least number of participants."""
        return self.minimum

    @property
    def needed_filled(self) -> int:
        """Participants, whatever they can do."""
        return self.count

    @property
    def missing(self) -> int:
        """Participants missing for the minimum."""
        return max(0, self.minimum - self.count)

    @property
    def deficit(self) -> int:
        """People missing for the conditions, all together."""
        return sum(row.deficit for row in self.rows)

    @property
    def unmet(self) -> list[ConditionRow]:
        """The conditions that are not met."""
        return [row for row in self.rows if row.deficit]

    @property
    def is_short(self) -> bool:
        """Participants or qualifications are missing; a missing responsible person is a worry of its own."""
        return bool(self.missing or self.deficit)

    @property
    def is_full(self) -> bool:
        """The capacity is used up."""
        return self.count >= self.maximum

    @property
    def is_sufficient(self) -> bool:
        """Enough people, every condition met, and somebody able leads."""
        return not self.is_short and self.leader_is_valid

    @property
    def level(self) -> Level:
        """The staffing in one word."""
        if self.is_sufficient:
            return Level.SUFFICIENT
        return Level.FULL_UNMET if self.is_full else Level.UNMET
