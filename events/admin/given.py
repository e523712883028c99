"""A plan of staffing that exists elsewhere, as rows of a form that nobody has saved yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from events.rules.staffing import Mode
from events.services.conditions import ConditionsPlan
from events.services.positions import PositionPlan

#: So many equal positions one row can make.
MOST_AT_ONCE = 10


class GivenPlans(admin.ModelAdmin):
    """An admin class whose form may begin with such a plan."""

    def begin_with(self, request: HttpRequest, staffing: Mapping[str, Any]) -> None:
        """Let the rows of this request's form be those of `staffing`, which is as `create_event` takes it."""
        request.plan_to_begin_with = staffing  # type: ignore[attr-defined]

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        """Fill the rows in."""
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        rows = rows_to_begin_with(request, inline.mode)
        if rows:
            kwargs["initial"] = rows
        plan = _plan_of(request).get(Mode.CONDITIONS.value)
        if plan is not None:
            # The form reads the capacity of the row, which is never saved by itself.
            obj.min_participants, obj.max_participants = plan.minimum, plan.maximum
        return kwargs


def rows_to_begin_with(request: HttpRequest, mode: Mode) -> list[dict[str, Any]]:
    """Return the rows, in one mode, of the plan that this request's form begins with; none for none."""
    plan = _plan_of(request).get(mode.value)
    if plan is None:
        return []
    return _condition_rows(plan) if mode == Mode.CONDITIONS else _position_rows(plan)


def _plan_of(request: HttpRequest) -> Mapping[str, Any]:
    return getattr(request, "plan_to_begin_with", {})


def _condition_rows(plan: ConditionsPlan) -> list[dict[str, Any]]:
    return [{"qualification": row.qualification.pk, "minimum": row.minimum} for row in plan.rows]


def _position_rows(plans: Sequence[PositionPlan]) -> list[dict[str, Any]]:
    """Equal positions share a row, up to as many as a row can make."""
    rows: list[dict[str, Any]] = []
    for plan in plans:
        wanted = {
            "description": plan.description,
            "is_optional": plan.is_optional,
            "qualifications": sorted(row.pk for row in plan.qualifications),
        }
        same = next((row for row in rows if row["count"] < MOST_AT_ONCE and wanted.items() <= row.items()), None)
        if same is None:
            rows.append({**wanted, "count": 1})
        else:
            same["count"] += 1
    return rows
