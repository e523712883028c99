"""Signal receivers for what the events below announce, and for what is told of repairs; each only calls one service."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models.signals import post_delete

from equipment.models import PackedItem, Repair
from equipment.services import packing, plans, standings
from equipment.signals import repair_changed
from equipment.slack import posts
from events.models import Event, EventTemplate
from events.signals import deletion_requested, event_copied, event_rescheduled, template_made


def connect() -> None:
    """Connect the receivers."""
    deletion_requested.connect(_refuse_not_back, dispatch_uid="equipment.packing.not_back")
    post_delete.connect(_forget_use, sender=PackedItem, dispatch_uid="equipment.inspections.use_forgotten")
    event_rescheduled.connect(_judge_move, dispatch_uid="equipment.plans.moved")
    event_copied.connect(_copy_plan, dispatch_uid="equipment.plans.copied")
    template_made.connect(_copy_plan_to_template, dispatch_uid="equipment.plans.template")
    repair_changed.connect(_tell_in_slack, dispatch_uid="equipment.slack.repair")


def _judge_move(*, event: Event, start: datetime, end: datetime, **_kwargs: object) -> None:
    plans.judge_move(event, start, end)


def _copy_plan(*, event: Event, source: Event | EventTemplate, by: Any, **_kwargs: object) -> None:
    plans.copy_plan(event, source, by=by)


def _copy_plan_to_template(*, template: EventTemplate, event: Event, by: Any, **_kwargs: object) -> None:
    plans.copy_plan_to_template(template, event, by=by)


def _tell_in_slack(*, before: Repair | None, after: Repair, **_kwargs: object) -> None:
    posts.tell(before, after)


def _refuse_not_back(*, event: Event, **_kwargs: object) -> None:
    packing.refuse_deleting(event)


def _forget_use(*, instance: PackedItem, **_kwargs: object) -> None:
    """Packings go with an event that is deleted for good, past every service of theirs."""
    standings.forget_use(instance.item_id)
