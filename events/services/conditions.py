"""Capacity and conditions of an event: checked as a whole, written in place, under the event's lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from credentials.models import Qualification
from events.models import Event, StaffingCondition
from events.querysets.staffing import hierarchy
from events.rules.coverage import Demand
from events.rules.plans import PlannedConditions, conditions_problem, conditions_warning
from events.services.lifecycle import settle_capacity
from events.services.locking import save_event
from medcover.common.errors import DomainError
from medcover.system import audit


@dataclass(frozen=True)
class Condition:
    """At least `minimum` people who cover the qualification."""

    qualification: Qualification
    minimum: int


@dataclass(frozen=True)
class ConditionsPlan:
    """How many people an event takes, how many it needs, and what they have to cover, in the planner's order."""

    minimum: int
    maximum: int
    rows: Sequence[Condition] = ()


def refuse_bad_conditions(plan: ConditionsPlan, *, participants: int = 0) -> None:
    """Raise DomainError for the first rule that the plan breaks."""
    problem = problem_of(plan, participants=participants)
    if problem is not None:
        raise DomainError(problem)


def problem_of(plan: ConditionsPlan, *, participants: int = 0) -> Promise | None:
    """Return the first rule that the plan breaks, or None; `participants` are on the event already."""
    return conditions_problem(_planned(plan, participants))


def warning_of(plan: ConditionsPlan) -> Promise | None:
    """Return what its author should know of a good plan, or None."""
    return conditions_warning(_planned(plan, 0))


def _planned(plan: ConditionsPlan, participants: int) -> PlannedConditions:
    return PlannedConditions(
        minimum=plan.minimum,
        maximum=plan.maximum,
        demands=[Demand(row.qualification.pk, row.minimum) for row in plan.rows],
        participants=participants,
        leading={row.qualification.pk for row in plan.rows if row.qualification.can_lead},
        hierarchy=hierarchy(),
    )


def plan_of(event: Event) -> ConditionsPlan:
    """Return the plan that an event staffed by conditions has now."""
    rows = event.conditions.select_related("qualification")
    conditions = [Condition(row.qualification, row.minimum) for row in rows]
    return ConditionsPlan(event.min_participants or 1, event.max_participants or 1, conditions)


def create_conditions(event: Event, plan: ConditionsPlan, *, by: Any) -> None:
    """Give a new event its conditions; the plan has been found good."""
    with audit.trail(by=by):
        for order, row in enumerate(plan.rows):
            StaffingCondition.objects.create(
                event=event, qualification=row.qualification, minimum=row.minimum, order=order
            )


def apply_conditions(event: Event, plan: ConditionsPlan, *, by: Any) -> bool:
    """Make a locked event's capacity and conditions equal the plan; say whether anything changed.

    Raises DomainError for a bad plan. A raised maximum reopens what capacity had closed.
    """
    if plan_of(event) == plan:
        return False
    refuse_bad_conditions(plan, participants=event.assignments.count())
    event.min_participants, event.max_participants = plan.minimum, plan.maximum
    with audit.trail(by=by, kind="edit"):
        save_event(event, "min_participants", "max_participants")
        _write_rows(event, plan)
    event.conditions_read = None
    settle_capacity(event)
    return True


def _write_rows(event: Event, plan: ConditionsPlan) -> None:
    stored = {row.qualification_id: row for row in event.conditions.all()}
    for key in stored.keys() - {row.qualification.pk for row in plan.rows}:
        stored[key].delete()
    for order, wanted in enumerate(plan.rows):
        row = stored.get(wanted.qualification.pk) or StaffingCondition(event=event, qualification=wanted.qualification)
        if row.pk is None or (row.minimum, row.order) != (wanted.minimum, order):
            row.minimum, row.order = wanted.minimum, order
            row.save()
