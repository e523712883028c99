"""Creating and editing events; how they are staffed is in `positions` and `conditions`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from events.models import Event, EventTemplate
from events.rules import planning as rules
from events.rules.lifecycle import Status
from events.rules.reminders import normalised
from events.rules.staffing import Mode
from events.services import notifications, responsible
from events.services.conditions import ConditionsPlan, apply_conditions, create_conditions, refuse_bad_conditions
from events.services.lifecycle import settle_capacity
from events.services.locking import lock_event, lock_master, refuse_uneditable, require, save_event
from events.services.positions import PlanChanges, PositionPlan, apply_plan, create_positions, refuse_bad_plan
from events.signals import event_copied, event_rescheduled
from medcover.common.errors import DomainError
from medcover.system import audit

#: Fields that a form may write; everything else moves by its own service.
EDITABLE = frozenset(
    {
        "name", "master_event", "kind", "start", "end", "signups_open_at", "address", "contact", "is_paid",
        "description", "colour", "planned_participants", "reminder_schedule",
    }
)  # fmt: skip

#: Changes of these are told to participants; a row's colour and reminders of those who plan are no news for them.
TOLD = EDITABLE - {"colour", "reminder_schedule"}


@transaction.atomic
def create_event(
    *,
    by: Any,
    at: datetime,
    positions: Sequence[PositionPlan] = (),
    conditions: ConditionsPlan | None = None,
    open_now: bool = False,
    source: Event | EventTemplate | None = None,
    **fields: Any,
) -> Event:
    """Create a draft with its positions or its conditions, or with `open_now` an event that takes sign-ups at once.

    Which of the two is given decides the mode of staffing for good (but see `conversion`). `source` is what the event
    is made after; what other apps know of it is copied. Raises NotAllowed, DomainError for the first broken rule.
    """
    require(by, "events.add_event")
    if open_now:
        require(by, "events.publish_event")
        require(by, "events.open_signups")
        fields["signups_open_at"] = None
    _lock_chosen_master(fields)
    event = Event(creator=by, **_prepared(fields), **_mode(conditions))
    _check(event)
    _refuse_archived_master(event)
    if conditions is None:
        refuse_bad_plan(positions)
    else:
        refuse_bad_conditions(conditions)
    with audit.trail(by=by, kind="create", summary=audit.sentence(_("Event created: %s"), event.name)):
        event.save()
    if conditions is None:
        create_positions(event, positions, by=by)
    else:
        create_conditions(event, conditions, by=by)
    if source is not None:
        event_copied.send(Event, event=event, source=source, by=by)
    if open_now:
        _open_directly(event, by=by, at=at)
    return event


def _mode(conditions: ConditionsPlan | None) -> dict[str, Any]:
    if conditions is None:
        return {"staffing_mode": Mode.POSITIONS}
    capacity = {"min_participants": conditions.minimum, "max_participants": conditions.maximum}
    return {"staffing_mode": Mode.CONDITIONS, **capacity}


def _open_directly(event: Event, *, by: Any, at: datetime) -> None:
    """Publishing and opening in one step tells people the same as the two steps would."""
    # Sign-ups of an event entered after its start have no moment of opening that any later edit would accept.
    event.status, event.signups_open_at = Status.OPEN, at if at < event.start else None
    summary = audit.sentence(_("Event created with open sign-ups: %s"), event.name)
    with audit.trail(by=by, kind="status_change", summary=summary):
        save_event(event, "status", "signups_open_at")
    for code in ("event_published", "assignments_opened"):
        notifications.notify_everybody(code, event)


@transaction.atomic
def edit_event(
    event_id: int,
    *,
    by: Any,
    version: int | None,
    plan: PlanChanges | ConditionsPlan | None = None,
    notify: bool = True,
    **fields: Any,
) -> Event:
    """Write an edited form: the event's fields and its positions or conditions, all or nothing.

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
    _apply_staffing(event, plan, by=by)
    if changes.keys() & {"start", "end"}:
        responsible.replace_if_unfit(event)
        _announce_move(event, changes)
    if changes.keys() & {"start", "end", "master_event"}:
        settle_capacity(event)  # whoever holds an offer, or waits for one, may be judged differently now
    return event


def _announce_move(event: Event, changes: Mapping[str, tuple[Any, Any]]) -> None:
    was = {name: changes[name][0] if name in changes else getattr(event, name) for name in ("start", "end")}
    event_rescheduled.send(Event, event=event, **was)


def _apply_staffing(event: Event, plan: PlanChanges | ConditionsPlan | None, *, by: Any) -> None:
    if isinstance(plan, PlanChanges):
        apply_plan(event, plan, by=by)
    elif plan is not None:
        if not event.by_conditions:
            raise DomainError(_("This event is staffed by positions, it has no conditions."))
        apply_conditions(event, plan, by=by)


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
    if "reminder_schedule" in ready:
        ready["reminder_schedule"] = normalised(ready["reminder_schedule"])
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
        notifications.notify_participants("event_changed", event, {"changes": told})


def _plain(value: Any) -> Any:
    """Return a value as the outbox stores it: rows by their name, moments in UTC so that equal ones look equal."""
    if value is None or isinstance(value, bool | int):
        return value
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)
