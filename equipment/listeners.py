"""Signal receivers for what the events below announce; each only calls one service."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from equipment.services import plans
from events.models import Event, EventTemplate
from events.signals import event_copied, event_rescheduled, template_made


def connect() -> None:
    """Connect the receivers."""
    event_rescheduled.connect(_judge_move, dispatch_uid="equipment.plans.moved")
    event_copied.connect(_copy_plan, dispatch_uid="equipment.plans.copied")
    template_made.connect(_copy_plan_to_template, dispatch_uid="equipment.plans.template")


def _judge_move(*, event: Event, start: datetime, end: datetime, **_kwargs: object) -> None:
    plans.judge_move(event, start, end)


def _copy_plan(*, event: Event, source: Event | EventTemplate, by: Any, **_kwargs: object) -> None:
    plans.copy_plan(event, source, by=by)


def _copy_plan_to_template(*, template: EventTemplate, event: Event, by: Any, **_kwargs: object) -> None:
    plans.copy_plan_to_template(template, event, by=by)
