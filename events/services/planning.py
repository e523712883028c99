"""Creating and editing events and their positions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from events.models import Event, Position
from events.rules import planning as rules
from events.rules.lifecycle import Status
from events.rules.staffing import PlannedPosition, plan_problem
from events.services import responsible, telling
from events.services.crew import take_off
from events.services.lifecycle import settle_capacity
from events.services.locking import lock_event, require, save_event
from medcover.common.errors import DomainError, StaleRecord
from medcover.system import audit

#: Fields that a form may write; everything else moves by its own service.
EDITABLE = frozenset(
    {
        "name", "master_event", "kind", "start", "end", "signups_open_at", "address", "contact", "is_paid",
        "description", "colour", "planned_participants",
    }
)  # fmt: skip

#: Changes of these are told to participants; a row's colour is nobody's news.
TOLD = EDITABLE - {"colour"}


@dataclass(frozen=True)
class PositionPlan:
    """What a position is to be like."""

    description: str = ""
    is_optional: bool = False
    qualifications: Collection[Any] = field(default_factory=tuple)  # Qualification rows


@dataclass(frozen=True)
class PlanChanges:
    """What an edited form wants of the positions; `changed` and `removed` speak of existing keys."""

    added: Sequence[PositionPlan] = ()
    changed: Mapping[int, PositionPlan] = field(default_factory=dict)
    removed: Collection[int] = ()


@transaction.atomic
def create_event(
    *, by: Any, at: datetime, positions: Sequence[PositionPlan], open_now: bool = False, **fields: Any
) -> Event:
    """Create a draft with its positions, or with `open_now` an event that takes sign-ups at once.

    Raises NotAllowed, DomainError for the first broken rule.
    """
    require(by, "events.add_event")
    if open_now:
        require(by, "events.publish_event")
        require(by, "events.open_signups")
        fields["signups_open_at"] = None
    event = Event(creator=by, **_prepared(fields))
    _check(event)
    _refuse_bad_plan(positions)
    with audit.trail(by=by, kind="create", summary=_("Event created: %s") % event.name):
        event.save()
    for plan in positions:
        _add(event, plan, by=by)
    if open_now:
        _open_directly(event, by=by, at=at)
    return event


def _open_directly(event: Event, *, by: Any, at: datetime) -> None:
    """Publishing and opening in one step tells people the same as the two steps would."""
    event.status, event.signups_open_at = Status.OPEN, at
    with audit.trail(by=by, kind="status_change", summary=_("Event created with open sign-ups: %s") % event.name):
        save_event(event, "status", "signups_open_at")
    for code in ("event_published", "assignments_opened"):
        telling.tell_everybody(code, event)


@transaction.atomic
def edit_event(
    event_id: int,
    *,
    by: Any,
    version: int | None,
    plan: PlanChanges | None = None,
    notify: bool = True,
    **fields: Any,
) -> Event:
    """Write an edited form: the event's fields and its positions, all or nothing.

    Participants are told of real changes, unless `notify` says no. Raises NotAllowed, StaleRecord, DomainError.
    """
    event = lock_event(event_id)
    require(by, "events.change_event", event)
    event.expect_version(version)
    _refuse_final(event)
    changes = _apply(event, _prepared(fields))
    if changes:
        _check(event)
        with audit.trail(by=by, kind="edit", summary=_("Event edited: %s") % event.name):
            save_event(event, *changes)
        if notify:
            _tell_changes(event, changes)
    if plan is not None:
        _apply_plan(event, plan, by=by)
    if changes.keys() & {"start", "end"}:
        responsible.replace_if_unfit(event, by=by)
    return event


def _prepared(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Trim text and force empty what the type of event does not have."""
    if unknown := fields.keys() - EDITABLE:
        raise TypeError(f"Not fields of an event's form: {sorted(unknown)}")
    tidy = {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}
    if tidy.get("kind", rules.Kind.TRAINING) != rules.Kind.TRAINING:
        tidy["planned_participants"] = None
    return tidy


def _check(event: Event) -> None:
    found = rules.problems(
        name=event.name,
        has_master=event.master_event_id is not None,
        start=event.start,
        end=event.end,
        signups_open_at=event.signups_open_at,
        planned_participants=event.planned_participants,
    )
    if found:
        raise DomainError(found[0].message)
    if event.master_event.is_archived:
        raise DomainError(_("The master event is archived."))


def _apply(event: Event, fields: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Put the values that differ on the row; return field → (old, new)."""
    changes = {}
    for name, value in fields.items():
        old = getattr(event, name)
        if old != value:
            changes[name] = (old, value)
            setattr(event, name, value)
    return changes


def _tell_changes(event: Event, changes: Mapping[str, tuple[Any, Any]]) -> None:
    told = {name: [_plain(old), _plain(new)] for name, (old, new) in changes.items() if name in TOLD}
    if told:
        telling.tell_participants("event_changed", event, {"changes": told})


def _plain(value: Any) -> Any:
    """Return a value as the outbox stores it; rows by their name."""
    if value is None or isinstance(value, bool | int):
        return value
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _refuse_final(event: Event) -> None:
    if event.is_final:
        raise DomainError(_("Completed or cancelled events cannot be edited."))


# --- positions ---------------------------------------------------------------------------------------


def _apply_plan(event: Event, plan: PlanChanges, *, by: Any) -> None:
    rows = {row.pk: row for row in event.positions.select_for_update().order_by("pk")}
    if not rows.keys() >= {*plan.removed, *plan.changed}:
        raise StaleRecord
    touched = bool(plan.added or plan.removed)
    for key in plan.removed:
        _remove(rows[key], by=by)
    for key, wanted in plan.changed.items():
        touched |= _change(rows[key], wanted, by=by)
    for wanted in plan.added:
        _add(event, wanted, by=by)
    if touched:
        _refuse_bad_plan(_plan_of(event))
        save_event(event)  # whoever has the same form open must not overwrite the new plan
        settle_capacity(event)


@transaction.atomic
def add_positions(event_id: int, plan: PositionPlan, *, by: Any, count: int = 1) -> list[Position]:
    """Add `count` (1–10) identical positions. Raises NotAllowed, DomainError."""
    if not 1 <= count <= 10:
        raise DomainError(_("Between 1 and 10 positions can be added at once."))
    event = _editable(event_id, by)
    added = [_add(event, plan, by=by) for _n in range(count)]
    save_event(event)
    settle_capacity(event)
    return added


@transaction.atomic
def edit_position(
    position_id: int,
    plan: PositionPlan,
    *,
    by: Any,
    version: int | None = None,
    release_unqualified: bool = False,
) -> Position:
    """Change one position.

    When the new demands exclude the person on it, it is refused, unless `release_unqualified` says that
    they are to be signed off (and told). Raises NotAllowed, StaleRecord, DomainError.
    """
    event = _editable(Position.objects.values_list("event", flat=True).get(pk=position_id), by)
    position = Position.objects.select_for_update().get(pk=position_id)
    position.expect_version(version)
    position.event = event
    if _change(position, plan, by=by, release_unqualified=release_unqualified):
        save_event(event)
    return position


@transaction.atomic
def delete_position(position_id: int, *, by: Any) -> None:
    """Delete a free position. Raises NotAllowed, DomainError when somebody stands on it."""
    event = _editable(Position.objects.values_list("event", flat=True).get(pk=position_id), by)
    _remove(Position.objects.select_for_update().get(pk=position_id), by=by)
    save_event(event)
    settle_capacity(event)


def _editable(event_id: int, by: Any) -> Event:
    event = lock_event(event_id)
    require(by, "events.change_event", event)
    _refuse_final(event)
    return event


def _add(event: Event, plan: PositionPlan, *, by: Any) -> Position:
    position = Position(event=event, description=plan.description.strip(), is_optional=plan.is_optional)
    with audit.trail(by=by):
        position.save()
        position.qualifications.set(plan.qualifications)
    return position


def _change(position: Position, plan: PositionPlan, *, by: Any, release_unqualified: bool = False) -> bool:
    """Write what differs; say whether anything did."""
    old = {row.pk for row in position.qualifications.all()}
    new = {row.pk for row in plan.qualifications}
    same_words = (position.description, position.is_optional) == (plan.description.strip(), plan.is_optional)
    if old == new and same_words:
        return False
    position.description, position.is_optional = plan.description.strip(), plan.is_optional
    position.raise_version()
    with audit.trail(by=by):
        position.save()
        position.qualifications.set(plan.qualifications)
    if old != new:
        _settle_occupant(position, by=by, release=release_unqualified)
    return True


def _settle_occupant(position: Position, *, by: Any, release: bool) -> None:
    """After new demands: an occupant who no longer fits is refused or, if so wanted, signed off."""
    assignment = position.event.assignments.select_related("person", "position").filter(position=position).first()
    if assignment is None or Position.objects.filter(pk=position.pk).fillable_by(assignment.person).exists():
        return
    if not release:
        raise DomainError(_("%s would no longer be qualified for this position.") % assignment.person.name)
    take_off(position.event, assignment, by=by)


def _remove(position: Position, *, by: Any) -> None:
    if position.event.assignments.filter(position=position).exists():
        raise DomainError(_("An occupied position cannot be deleted."))
    with audit.trail(by=by, kind="delete", summary=_("Position deleted: %s") % position):
        position.delete()


def _plan_of(event: Event) -> list[PositionPlan]:
    rows = event.positions.prefetch_related("qualifications")
    return [PositionPlan(row.description, row.is_optional, list(row.qualifications.all())) for row in rows]


def _refuse_bad_plan(positions: Sequence[PositionPlan]) -> None:
    problem = plan_problem([planned(position) for position in positions])
    if problem is not None:
        raise DomainError(problem)


def planned(position: PositionPlan) -> PlannedPosition:
    """Return what the plan's rules need to know of a position."""
    leads = any(row.can_lead and not row.is_deleted for row in position.qualifications)
    return PlannedPosition(is_optional=position.is_optional, can_lead=leads)
