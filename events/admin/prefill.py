"""Prefill of event forms: from a copy, a template or a day in the address, and a staffing plan as unsaved rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from equipment.models import EventPlan, TemplatePlan
from events.admin.equipment import stored_plan
from events.models import Event, EventTemplate
from events.rules.staffing import Mode
from events.services import copying, templates
from events.services.conditions import ConditionsPlan
from events.services.positions import PositionPlan

#: So many equal positions one row of the form can make.
MAX_COPIES_PER_ROW = 10
#: Longer figures are no keys.
_LONGEST_KEY = 18


@dataclass(frozen=True)
class Prefill:
    """Title of the page, values of fields, the plan of staffing as `create_event` takes it, and that of equipment."""

    title: Promise | str
    fields: Mapping[str, Any] = field(default_factory=dict)
    staffing: Mapping[str, Any] = field(default_factory=dict)
    equipment: Mapping[int, int] = field(default_factory=dict)

    @property
    def initial(self) -> dict[str, Any]:
        """The values of the form's fields, the chosen way of staffing among them."""
        mode = {mode for mode in Mode if mode.value in self.staffing}
        return {**self.fields, **({"staffing_mode": mode.pop()} if mode else {})}


def prefill_of(request: HttpRequest) -> Prefill:
    """Read `copy`, `template` and `day` of the address; 404 for a source that the person may not know about."""
    asked = request.GET
    found = Prefill(_("New event"))
    if "copy" in asked:
        found = _copy(_found(Event.objects.visible_to(request.user), asked["copy"]))
    elif "template" in asked:
        if not request.user.has_perm("events.view_eventtemplate"):
            raise Http404
        found = _from_template(_found(EventTemplate.objects.all(), asked["template"]))
    day = _day(asked.get("day", ""))
    return replace(found, fields={**found.fields, **_on(day)}) if day else found


def _found(rows: Any, key: str) -> Any:
    row = rows.filter(pk=key).first() if key.isdecimal() and len(key) <= _LONGEST_KEY else None
    if row is None:
        raise Http404
    return row


def _copy(event: Event) -> Prefill:
    fields, staffing = copying.copied_fields(event), copying.staffing_of(event)
    return Prefill(_("New event as a copy"), fields, staffing, stored_plan(EventPlan.objects.filter(event=event)))


def _from_template(template: EventTemplate) -> Prefill:
    fields, staffing = templates.fields_from(template), templates.staffing_from(template)
    return Prefill(
        _("New event from a template"), fields, staffing, stored_plan(TemplatePlan.objects.filter(template=template))
    )


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _on(day: date) -> dict[str, Any]:
    """The day stands in both fields; the times are for the planner to say."""
    return {"start": [day, None], "end": [day, None]}


class PrefilledPlans(admin.ModelAdmin):
    """An admin class whose form may begin with such a plan."""

    def set_initial_plan(self, request: HttpRequest, staffing: Mapping[str, Any]) -> None:
        """Let the rows of this request's form be those of `staffing`, which is as `create_event` takes it."""
        request.initial_plan = staffing  # type: ignore[attr-defined]

    def set_initial_equipment(self, request: HttpRequest, equipment: Mapping[int, int]) -> None:
        """Let the rows of equipment be these quantities by type."""
        request.initial_equipment = equipment  # type: ignore[attr-defined]

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        """Fill the rows in."""
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        rows = inline.rows_to_begin_with(request)
        if rows:
            kwargs["initial"] = rows
        plan = _plan_of(request).get(Mode.CONDITIONS.value)
        if plan is not None:
            # The form reads the capacity of the row, which is never saved by itself.
            obj.min_participants, obj.max_participants = plan.minimum, plan.maximum
        return kwargs


def initial_rows(request: HttpRequest, mode: Mode) -> list[dict[str, Any]]:
    """Return the rows, in one mode, of the plan that this request's form begins with; none for none."""
    plan = _plan_of(request).get(mode.value)
    if plan is None:
        return []
    return _condition_rows(plan) if mode == Mode.CONDITIONS else _position_rows(plan)


def _plan_of(request: HttpRequest) -> Mapping[str, Any]:
    return getattr(request, "initial_plan", {})


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
        same = next((row for row in rows if row["count"] < MAX_COPIES_PER_ROW and wanted.items() <= row.items()), None)
        if same is None:
            rows.append({**wanted, "count": 1})
        else:
            same["count"] += 1
    return rows
