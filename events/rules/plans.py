"""Validation of a staffing plan, in both modes; the first broken rule is reported first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.rules.coverage import Demand, Hierarchy


@dataclass(frozen=True)
class PlannedPosition:
    """What the plan's rules need to know of a position."""

    is_optional: bool
    can_lead: bool  # demands a qualification whose holders may be responsible person


def positions_problem(positions: Sequence[PlannedPosition]) -> Promise | None:
    """Return the first rule that a plan of positions breaks, or None when it is good."""
    if not positions:
        return _("The event must have at least one position.")
    mandatory = [position for position in positions if not position.is_optional]
    if not mandatory:
        return _("The event must have at least one mandatory position.")
    if not any(position.can_lead for position in mandatory):
        return _("At least one mandatory position must require a qualification that allows being responsible person.")
    return None


#: More people than any event has; keeps figures within their column.
LARGEST_CAPACITY = 1000


@dataclass(frozen=True)
class PlannedConditions:
    """What the plan's rules need to know of a capacity and its conditions."""

    minimum: int
    maximum: int
    demands: Sequence[Demand]
    participants: int  # people on the event already
    leading: Collection[int]  # living qualifications whose holders may be responsible person
    hierarchy: Hierarchy


def conditions_problem(plan: PlannedConditions) -> Promise | None:
    """Return the first rule that a capacity with its conditions breaks, or None when it is good."""
    return _capacity_problem(plan) or _rows_problem(plan) or _sums_problem(plan)


def _capacity_problem(plan: PlannedConditions) -> Promise | None:
    if plan.minimum < 1 or plan.maximum < plan.minimum:
        return _("The minimum must be at least 1 and the maximum at least equal to the minimum.")
    if plan.maximum > LARGEST_CAPACITY:
        return _("The capacity is too large.")
    if plan.maximum < plan.participants:
        return _("The maximum cannot be lowered below the current number of participants.")
    return None


def _rows_problem(plan: PlannedConditions) -> Promise | None:
    keys = [demand.qualification for demand in plan.demands]
    if any(key not in plan.hierarchy.accepted for key in keys):
        return _("A condition must use an active qualification.")
    if len(set(keys)) < len(keys):
        return _("A qualification may be used only once in the plan.")
    if any(not 1 <= demand.minimum <= plan.maximum for demand in plan.demands):
        return _("The minimum of a qualification must be positive and at most equal to the capacity.")
    if not set(keys) & set(plan.leading):
        return _("At least one condition must require a qualification that allows being responsible person.")
    return None


def _sums_problem(plan: PlannedConditions) -> Promise | None:
    sums: dict[int, int] = defaultdict(int)
    for demand in plan.demands:
        sums[plan.hierarchy.group[demand.qualification]] += demand.minimum
    if any(total > plan.minimum for total in sums.values()):
        return _("The minimum of participants must cover the sum of minimums in every hierarchy of qualifications.")
    return None


def conditions_warning(plan: PlannedConditions) -> Promise | None:
    """Return what is worth knowing about a good plan: it may only work with people of several qualifications."""
    if sum(demand.minimum for demand in plan.demands) > plan.maximum:
        return _(
            "The conditions ask for more people than the capacity holds; "
            "they can be met only by people with several qualifications."
        )
    return None
