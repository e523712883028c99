"""Creating and editing events and their positions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.models import Event, Position
from events.rules import planning as rules
from events.rules.lifecycle import Status
from events.rules.staffing import PlannedPosition, plan_problem
from events.services import responsible, telling
from events.services.crew import take_off
from events.services.lifecycle import settle_capacity
from events.services.locking import Gone, lock_event, lock_master, refuse_uneditable, require, save_event
from medcover.common.errors import DomainError, StaleRecord
from medcover.common.text import tidy
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
    _lock_chosen_master(fields)
    event = Event(creator=by, **_prepared(fields))
    _check(event)
    _refuse_archived_master(event)
    _refuse_bad_plan(positions)
    with audit.trail(by=by, kind="create", summary=audit.sentence(_("Event created: %s"), event.name)):
        event.save()
    for plan in positions:
        _add(event, plan, by=by)
    if open_now:
        _open_directly(event, by=by, at=at)
    return event


def _open_directly(event: Event, *, by: Any, at: datetime) -> None:
    """Publishing and opening in one step tells people the same as the two steps would."""
    # Sign-ups of an event entered after its start have no moment of opening that any later edit would accept.
    event.status, event.signups_open_at = Status.OPEN, at if at < event.start else None
    summary = audit.sentence(_("Event created with open sign-ups: %s"), event.name)
    with audit.trail(by=by, kind="status_change", summary=summary):
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
    _lock_chosen_master(fields)
    event = lock_event(event_id)
    require(by, "events.change_event", event)
    event.expect_version(version)
    refuse_uneditable(event)
    changes = _apply(event, _prepared(fields, kind=event.kind))
    if changes:
        _write(event, changes, by=by, notify=notify)
    if plan is not None:
        _apply_plan(event, plan, by=by)
    if changes.keys() & {"start", "end"}:
        responsible.replace_if_unfit(event)
    return event


def _write(event: Event, changes: Mapping[str, tuple[Any, Any]], *, by: Any, notify: bool) -> None:
    _check(event)
    if "master_event" in changes:
        _refuse_archived_master(event)
    _record_changes(event, changes, by=by, notify=notify)


def _record_changes(event: Event, changes: Mapping[str, tuple[Any, Any]], *, by: Any, notify: bool) -> None:
    with audit.trail(by=by, kind="edit", summary=audit.sentence(_("Event edited: %s"), event.name)):
        save_event(event, *changes)
    if notify:
        _tell_changes(event, changes)


@transaction.atomic
def mark_paid(event_id: int, *, paid: bool, by: Any, notify: bool = False) -> Event:
    """Say whether the event is paid, at any time of its life: bills come late. Raises NotAllowed."""
    event = lock_event(event_id)
    require(by, "events.change_event", event)
    changes = _apply(event, {"is_paid": paid})
    if changes:
        _record_changes(event, changes, by=by, notify=notify)
    return event


def _lock_chosen_master(fields: dict[str, Any]) -> None:
    """Lock the master event that a form names, so that it cannot be archived meanwhile, and use its fresh row."""
    if fields.get("master_event") is not None:
        fields["master_event"] = lock_master(fields["master_event"].pk)


def _refuse_archived_master(event: Event) -> None:
    if event.master_event.is_archived:
        raise DomainError(_("The master event is archived."))


def _prepared(fields: Mapping[str, Any], *, kind: str = rules.Kind.MEDICAL) -> dict[str, Any]:
    """Trim text, take an unknown type for medical cover, and force empty what the type does not have."""
    if unknown := fields.keys() - EDITABLE:
        raise TypeError(f"Not fields of an event's form: {sorted(unknown)}")
    ready = {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}
    if "kind" in ready and ready["kind"] not in rules.Kind.values:
        ready["kind"] = rules.Kind.MEDICAL
    if ready.get("kind", kind) != rules.Kind.TRAINING:
        ready["planned_participants"] = None
    return ready


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
    try:
        # A form has checked lengths and formats already; other callers hear of them here, not from the database.
        event.clean_fields(exclude={"master_event", "responsible_person", "creator"})
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise DomainError(f"{Event._meta.get_field(name).verbose_name}: {' '.join(messages)}") from error  # type: ignore[union-attr]


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
    """Return a value as the outbox stores it: rows by their name, moments in UTC so that equal ones look equal."""
    if value is None or isinstance(value, bool | int):
        return value
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


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
    event, position = _editable_position(position_id, by)
    position.expect_version(version)
    with _plan_stays_good(event):
        if _change(position, plan, by=by, release_unqualified=release_unqualified):
            save_event(event)
    return position


@transaction.atomic
def delete_position(position_id: int, *, by: Any) -> None:
    """Delete a free position.

    Raises NotAllowed, DomainError when somebody stands on it or the rest would be no plan any more.
    """
    event, position = _editable_position(position_id, by)
    with _plan_stays_good(event):
        _remove(position, by=by)
    save_event(event)
    settle_capacity(event)


def _editable(event_id: int, by: Any) -> Event:
    event = lock_event(event_id)
    require(by, "events.change_event", event)
    refuse_uneditable(event)
    return event


def _editable_position(position_id: int, by: Any) -> tuple[Event, Position]:
    event_id = Position.objects.filter(pk=position_id).values_list("event", flat=True).first()
    event = _editable(event_id, by) if event_id else None
    position = Position.objects.select_for_update().filter(pk=position_id, event=event).first()
    if event is None or position is None:
        raise Gone(_("This position no longer exists."))
    position.event = event
    return event, position


@contextmanager
def _plan_stays_good(event: Event) -> Iterator[None]:
    """Refuse a change that breaks the plan's rules; an event that broke them before may be mended step by step."""
    was_good = _problem_of(_plan_of(event)) is None
    yield
    if was_good:
        _refuse_bad_plan(_plan_of(event))


def _add(event: Event, plan: PositionPlan, *, by: Any) -> Position:
    _refuse_deleted(plan.qualifications)
    position = Position(event=event, description=_described(plan), is_optional=plan.is_optional)
    with audit.trail(by=by):
        position.save()
        position.qualifications.set(plan.qualifications)
    return position


def _change(position: Position, plan: PositionPlan, *, by: Any, release_unqualified: bool = False) -> bool:
    """Write what differs; say whether anything did."""
    old = {row.pk for row in position.qualifications.all()}
    new = {row.pk for row in plan.qualifications}
    wanted = (_described(plan), plan.is_optional)
    if old == new and wanted == (position.description, position.is_optional):
        return False
    _refuse_deleted(row for row in plan.qualifications if row.pk not in old)
    position.description, position.is_optional = wanted
    position.raise_version()
    with audit.trail(by=by):
        position.save()
        position.qualifications.set(plan.qualifications)
    if old != new:
        _settle_occupant(position, by=by, release=release_unqualified)
    return True


def _described(plan: PositionPlan) -> str:
    """Return the description as it is stored; a column has an end, whoever calls."""
    text = tidy(plan.description)
    longest = Position._meta.get_field("description").max_length or len(text)
    if len(text) > longest:
        raise DomainError(_("The description of a position may have at most %d characters.") % longest)
    return text


def _refuse_deleted(qualifications: Iterable[Any]) -> None:
    if any(row.is_deleted for row in qualifications):
        raise DomainError(_("A deleted qualification cannot be required."))


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
    with audit.trail(by=by, kind="delete", summary=audit.sentence(_("Position deleted: %s"), position)):
        position.delete()


def _plan_of(event: Event) -> list[PositionPlan]:
    rows = event.positions.prefetch_related("qualifications")
    return [PositionPlan(row.description, row.is_optional, list(row.qualifications.all())) for row in rows]


def _refuse_bad_plan(positions: Sequence[PositionPlan]) -> None:
    problem = _problem_of(positions)
    if problem is not None:
        raise DomainError(problem)


def _problem_of(positions: Sequence[PositionPlan]) -> Promise | None:
    return plan_problem([planned(position) for position in positions])


def planned(position: PositionPlan) -> PlannedPosition:
    """Return what the plan's rules need to know of a position."""
    leads = any(row.can_lead and not row.is_deleted for row in position.qualifications)
    return PlannedPosition(is_optional=position.is_optional, can_lead=leads)
