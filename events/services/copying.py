"""Copying and splitting events, and what a copy takes along."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from events.models import Assignment, Event, Position
from events.services import conditions, positions, responsible
from events.services.locking import lock_event, require, save_event
from events.services.planning import EDITABLE, create_event
from events.signals import event_copied
from medcover.common.errors import DomainError, StaleRecord
from medcover.system import audit
from roster.models import User

_LONGEST_NAME = Event._meta.get_field("name").max_length or 0


def copied_fields(event: Event) -> dict[str, Any]:
    """Return the values that a copy begins with, as `create_event` takes them: all that a planner may write.

    People, state and history stay behind.
    """
    return {name: getattr(event, name) for name in EDITABLE}


def staffing_of(event: Event) -> dict[str, Any]:
    """Return the plan of staffing as `create_event` takes it; qualifications deleted meanwhile are left out."""
    if event.by_conditions:
        plan = conditions.plan_of(event)
        living = [row for row in plan.rows if not row.qualification.is_deleted]
        return {"conditions": conditions.ConditionsPlan(plan.minimum, plan.maximum, living)}
    return {"positions": [positions.living(plan) for plan in positions.plans_of(event)]}


@transaction.atomic
def clone_event(event_id: int, *, by: Any, at: datetime) -> Event:
    """Make a draft like the event, named as its copy, without its people. Raises NotAllowed, DomainError."""
    event = lock_event(event_id)
    fields = copied_fields(event)
    if event.master_event.is_archived:
        raise DomainError(_("The master event is archived."))
    fields["name"] = _ending(event.name, pgettext("name of an event", "copy"))
    if fields["signups_open_at"] is not None and fields["signups_open_at"] >= event.start:
        fields["signups_open_at"] = None
    return create_event(by=by, at=at, source=event, **fields, **staffing_of(event))


def _ending(name: str, ending: str) -> str:
    """Return the name with an ending that survives however long the name is."""
    return f"{name[: _LONGEST_NAME - len(ending) - 1].rstrip()} {ending}"


def midpoint(event: Event) -> datetime:
    """Return the minute in the middle of the event."""
    return (event.start + (event.end - event.start) / 2).replace(second=0, microsecond=0)


@transaction.atomic
def split_event(event_id: int, moment: datetime, *, by: Any, version: int | None = None) -> tuple[Event, Event]:
    """Cut the event in two at `moment`; both halves keep status, staffing and people.

    Nobody is told: their duty has not changed, it has got a seam. Raises NotAllowed, StaleRecord, DomainError.
    """
    crew = _locked_people(event_id)
    event = lock_event(event_id)
    require(by, "events.add_event")
    event.expect_version(version)
    if set(event.assignments.values_list("person", flat=True)) != crew:
        raise StaleRecord
    _refuse_unsplittable(event, moment)
    second = _second_half(event, moment, by=by)
    name, event.name, event.end = event.name, _ending(event.name, "1/2"), moment
    with audit.trail(by=by, kind="edit", summary=audit.sentence(_("Event split in two: %s"), name)):
        save_event(event, "name", "end")
    return event, second


def _locked_people(event_id: int) -> set[Any]:
    """Lock everybody on the event, before the event itself: they are about to be put on another one."""
    standing = Assignment.objects.filter(event=event_id).values("person")
    people = User.objects.select_for_update(no_key=True).filter(pk__in=standing).order_by("pk")
    return set(people.values_list("pk", flat=True))


def _refuse_unsplittable(event: Event, moment: datetime) -> None:
    if event.is_final:
        raise DomainError(_("Completed or cancelled events cannot be split."))
    if event.is_archived:
        raise DomainError(_("The event is archived."))
    if not event.start < moment < event.end:
        raise DomainError(_("The time of the split must lie between the start and the end of the event."))


def _second_half(event: Event, moment: datetime, *, by: Any) -> Event:
    second = Event(
        **(copied_fields(event) | {"name": _ending(event.name, "2/2"), "start": moment, "planned_participants": None}),
        creator=by,
        status=event.status,
        capacity_closed=event.capacity_closed,
        responsible_person=event.responsible_person,
        staffing_mode=event.staffing_mode,
        min_participants=event.min_participants,
        max_participants=event.max_participants,
    )
    with audit.trail(by=by, kind="create", summary=audit.sentence(_("Event created by a split: %s"), second.name)):
        second.save()
        places = _copied_staffing(event, second, by=by)
        _copy_people(event, second, places, by=by)
    event_copied.send(Event, event=second, source=event, by=by)
    # The second half may begin on another day, on which not every qualification is valid any more.
    responsible.replace_if_unfit(second)
    return second


def _copied_staffing(event: Event, second: Event, *, by: Any) -> dict[int, Position]:
    """Give the second half the same plan; return the new position for each old one."""
    if event.by_conditions:
        conditions.create_conditions(second, conditions.plan_of(event), by=by)
        return {}
    places = {}
    for old in event.positions.prefetch_related("qualifications").order_by("pk"):
        new = Position.objects.create(event=second, description=old.description, is_optional=old.is_optional)
        new.qualifications.set(old.qualifications.all())
        places[old.pk] = new
    return places


def _copy_people(event: Event, second: Event, places: dict[int, Position], *, by: Any) -> None:
    for old in event.assignments.select_related("person"):
        place = places[old.position_id] if old.position_id else None
        Assignment.objects.create(
            event=second, position=place, person=old.person, assigned_by=by, assigned_at=old.assigned_at
        )
