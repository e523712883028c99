"""The rules of hours as SQL: what `reports/served.py` says of one duty, said of all of them at once.

A property test keeps both equal. Hours are rounded half-up to 0.1 for each duty and event before they are added, so the
rows of a report add up to its totals. PostgreSQL subtracts moments in UTC, so nights of a change of clocks are right.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import (
    Aggregate,
    Case,
    Count,
    DecimalField,
    DurationField,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    Max,
    Q,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from events.rules.lifecycle import RUNNING, Status

HOURS: Any = DecimalField(max_digits=12, decimal_places=1)
NONE = Value(Decimal(0), output_field=HOURS)


def length(start: str, end: str) -> Func:
    """SQL expression: the hours that pass between two columns, to 0.1; NULL when one of them is."""
    passed = ExpressionWrapper(F(end) - F(start), output_field=DurationField())
    return Func(passed, template="ROUND(EXTRACT(EPOCH FROM %(expressions)s) / 3600, 1)", output_field=HOURS)


def planned_length(event: str = "") -> Func:
    """SQL expression: how long an event is by its plan; `event` is the way to it, such as "event__"."""
    return length(f"{event}start", f"{event}end")


def actual_length(event: str = "") -> Func:
    """SQL expression: how long an event really was; NULL until both times are known."""
    return length(f"{event}actual_start", f"{event}actual_end")


def known_length() -> Coalesce:
    """SQL expression on a duty of `selection`: as long as the person said, else as the event was; NULL if unknown."""
    return Coalesce(own_length("own__"), actual_length("event__"), output_field=HOURS)


def length_of_event(event: str = "") -> Coalesce:
    """SQL expression: how long an event was, as it really was, else as it was planned."""
    return Coalesce(actual_length(event), planned_length(event), output_field=HOURS)


def own_length(debriefing: str = "") -> Coalesce:
    """SQL expression: how long a person said they were there; NULL where they said nothing."""
    own = f"{debriefing}own_"
    return Coalesce(length(f"{own}start", f"{own}end"), f"{own}hours", output_field=HOURS)


def served_length() -> Coalesce:
    """SQL expression on a duty: how long the person served, as `served.length_of` says."""
    return Coalesce(known_length(), planned_length("event__"), output_field=HOURS)


#: Of duties: the event is over, so the duty was served.
IS_SERVED = Q(event__status=Status.COMPLETED)


def is_planned(at: datetime) -> Q:
    """Condition on a duty: it is still to come."""
    return Q(event__status__in=RUNNING, event__start__gt=at)


def figures(at: datetime) -> dict[str, Aggregate | Coalesce]:
    """Return what reports say of a set of duties, by name: shifts, hours, the start of the last shift."""
    planned = is_planned(at)
    return {
        "shifts_served": Count("pk", filter=IS_SERVED),
        "shifts_planned": Count("pk", filter=planned),
        "hours_served": total(served_length(), IS_SERVED),
        "hours_planned": total(planned_length("event__"), planned),
        "hours_free": total(served_length(), IS_SERVED & Q(event__is_paid=False)),
        "last_shift": Max("event__start", filter=IS_SERVED),
    }


def total(hours: Any, condition: Q | None = None) -> Coalesce:
    """SQL aggregate: the sum of hours, 0 where there are none."""
    return Coalesce(Sum(hours, filter=condition), NONE, output_field=HOURS)


def one_where(condition: Q) -> Case:
    """SQL expression: 1 where the condition holds, else 0."""
    return Case(When(condition, then=1), default=0, output_field=IntegerField())


def where(condition: Q, hours: Any) -> Case:
    """SQL expression: the hours where the condition holds, else 0."""
    return Case(When(condition, then=hours), default=NONE, output_field=HOURS)
