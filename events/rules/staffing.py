"""How well an event is staffed, on plain numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
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


@dataclass(frozen=True)
class Staffing:
    """Numbers of positions of one event and how many of them are filled."""

    mandatory_total: int = 0
    mandatory_filled: int = 0
    optional_total: int = 0
    optional_filled: int = 0

    @property
    def total(self) -> int:
        """All positions."""
        return self.mandatory_total + self.optional_total

    @property
    def filled(self) -> int:
        """All filled positions."""
        return self.mandatory_filled + self.optional_filled

    @property
    def free(self) -> int:
        """Positions that still wait for somebody."""
        return self.total - self.filled

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
class PlannedPosition:
    """What the plan's rules need to know of a position."""

    is_optional: bool
    can_lead: bool  # demands a qualification whose holders may be responsible person


def plan_problem(positions: Sequence[PlannedPosition]) -> Promise | None:
    """Return the first rule the plan breaks, or None when it is good."""
    if not positions:
        return _("The event must have at least one position.")
    mandatory = [position for position in positions if not position.is_optional]
    if not mandatory:
        return _("The event must have at least one mandatory position.")
    if not any(position.can_lead for position in mandatory):
        return _("At least one mandatory position must require a qualification that allows being responsible person.")
    return None
