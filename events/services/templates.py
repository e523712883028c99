"""Templates of events: kept by coordinators, used to begin events with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from events import overview
from events.models import Event, EventTemplate, TemplateCondition, TemplatePosition
from events.rules.staffing import Mode
from events.services import positions as position_services
from events.services.conditions import Condition, ConditionsPlan, refuse_bad_conditions
from events.services.copying import staffing_of
from events.services.locking import Gone, require
from events.services.positions import PositionPlan, refuse_bad_plan, refuse_deleted
from events.signals import template_made
from medcover.common.errors import DomainError
from medcover.common.text import tidy, tidy_lines
from medcover.system import audit

#: Fields that a form may write.
EDITABLE = ("name", "description", "kind", "is_paid")


@transaction.atomic
def save_template(
    template: EventTemplate,
    *,
    positions: Sequence[PositionPlan] = (),
    conditions: ConditionsPlan | None = None,
    by: Any,
    version: int | None = None,
) -> EventTemplate:
    """Create or update a template; `template` carries the new values, and the plan replaces the old one.

    The mode of staffing is chosen by the plan. Raises NotAllowed, StaleRecord, ValidationError (empty or taken
    name), DomainError for the first broken rule of the plan.
    """
    require(by, "events.change_eventtemplate" if template.pk else "events.add_eventtemplate")
    if template.pk:
        _count_version(template, version)
    _refuse_bad(positions, conditions)
    template.name, template.description = tidy(template.name), tidy_lines(template.description)
    _set_mode(template, conditions)
    template.full_clean()
    with audit.trail(by=by), _name_still_free():
        template.save()
        _replace_plan(template, positions, conditions)
    return template


def _refuse_bad(positions: Sequence[PositionPlan], conditions: ConditionsPlan | None) -> None:
    if conditions is not None:
        refuse_bad_conditions(conditions)
        return
    refuse_bad_plan(positions)
    for plan in positions:
        refuse_deleted(plan.qualifications)


def _count_version(template: EventTemplate, version: int | None) -> None:
    stored = lock_template(template.pk)
    stored.expect_version(version)
    template.version = stored.version
    template.raise_version()


def lock_template(template_id: Any) -> EventTemplate:
    """Lock and return a template, after events and before anything it is planned with. Raises Gone."""
    template: EventTemplate | None = EventTemplate.objects.select_for_update().filter(pk=template_id).first()
    if template is None:
        raise Gone(_("The template does not exist."))
    return template


def _set_mode(template: EventTemplate, conditions: ConditionsPlan | None) -> None:
    template.staffing_mode = Mode.POSITIONS if conditions is None else Mode.CONDITIONS
    template.min_participants = conditions.minimum if conditions else None
    template.max_participants = conditions.maximum if conditions else None


@contextmanager
def _name_still_free() -> Iterator[None]:
    """Answer like validation when somebody else takes the name between the check and the write."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise ValidationError({"name": _("A template of this name already exists.")}) from error


def _replace_plan(
    template: EventTemplate, positions: Sequence[PositionPlan], conditions: ConditionsPlan | None
) -> None:
    """Nobody stands on the places of a template, so a new plan simply takes the place of the old one."""
    template.positions.all().delete()
    template.conditions.all().delete()
    for plan in positions if conditions is None else ():
        row = TemplatePosition.objects.create(
            template=template, description=position_services.described(plan), is_optional=plan.is_optional
        )
        row.qualifications.set(plan.qualifications)
    for order, condition in enumerate(conditions.rows if conditions else ()):
        TemplateCondition.objects.create(
            template=template, qualification=condition.qualification, minimum=condition.minimum, order=order
        )


@transaction.atomic
def add_people(template_id: Any, qualification: Any, count: int, *, by: Any) -> EventTemplate:
    """Let events of a template begin with so many more people of a qualification than now.

    By positions they get places of their own; by conditions the minimum of the qualification rises, or begins, and the
    capacity rises with it. Raises NotAllowed, Gone, DomainError for a count below one or a plan that breaks a rule.
    """
    require(by, "events.change_eventtemplate")
    if count < 1:
        raise DomainError(_("Give a whole number of at least 1."))
    refuse_deleted([qualification])
    template = lock_template(template_id)
    return save_template(template, **_with_more(staffing_from(template), qualification, count), by=by)


def _with_more(plan: dict[str, Any], qualification: Any, count: int) -> dict[str, Any]:
    if "positions" in plan:
        return {"positions": [*plan["positions"], *[PositionPlan(qualifications=[qualification])] * count]}
    return {"conditions": _raised(plan["conditions"], qualification, count)}


def _raised(plan: ConditionsPlan, qualification: Any, count: int) -> ConditionsPlan:
    known = {row.qualification.pk for row in plan.rows}
    rows = [
        replace(row, minimum=row.minimum + count) if row.qualification.pk == qualification.pk else row
        for row in plan.rows
    ]
    added = [] if qualification.pk in known else [Condition(qualification, count)]
    return ConditionsPlan(plan.minimum + count, plan.maximum + count, [*rows, *added])


@transaction.atomic
def delete_template(template_id: int, *, by: Any) -> str:
    """Delete a template for good; events made from it are not touched. Returns its name. Raises NotAllowed."""
    require(by, "events.delete_eventtemplate")
    template = lock_template(template_id)
    with audit.trail(by=by, kind="delete", summary=audit.sentence(_("Event template deleted: %s"), template.name)):
        template.delete()
    return template.name


def fields_from(template: EventTemplate) -> dict[str, Any]:
    """Return the values that an event begins with; name and description are the template's own."""
    return {"kind": template.kind, "is_paid": template.is_paid}


def staffing_from(template: EventTemplate) -> dict[str, Any]:
    """Return the plan of staffing as `create_event` takes it, without qualifications deleted meanwhile."""
    if template.by_conditions:
        conditions = template.conditions.select_related("qualification").filter(qualification__is_deleted=False)
        found = [Condition(row.qualification, row.minimum) for row in conditions]
        return {"conditions": ConditionsPlan(template.min_participants or 1, template.max_participants or 1, found)}
    rows = template.positions.prefetch_related("qualifications")
    plans = [PositionPlan(row.description, row.is_optional, list(row.qualifications.all())) for row in rows]
    return {"positions": [position_services.living(plan) for plan in plans]}


@transaction.atomic
def template_from(event: Event, name: str, *, by: Any) -> EventTemplate:
    """Keep the plan of an event as a template. Raises as `save_template`."""
    template = EventTemplate(name=name, kind=event.kind, is_paid=event.is_paid)
    saved = save_template(template, **staffing_of(event), by=by)
    template_made.send(EventTemplate, template=saved, event=event, by=by)
    return saved


def refuse_deleting_used(qualification: Any) -> None:
    """Refuse to delete a qualification that templates rely on, naming up to three of them."""
    names = list(overview.templates_demanding(qualification).values_list("name", flat=True)[:4])
    if names:
        listed = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
        raise DomainError(_("The qualification is required by these templates: %s") % listed)
