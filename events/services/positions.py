"""The positions of an event: added, changed, removed, all under the event's lock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.models import Event, Position
from events.rules.plans import PlannedPosition, positions_problem
from events.services import offers
from events.services.crew import delete_assignment
from events.services.lifecycle import settle_capacity
from events.services.locking import Gone, lock_event, refuse_uneditable, require, save_event
from medcover.common.errors import DomainError, StaleRecord
from medcover.common.text import tidy
from medcover.system import audit

#: Positions of one kind that an event may have.
MOST_IN_GROUP = 50


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


def create_positions(event: Event, plans: Iterable[PositionPlan], *, by: Any) -> list[Position]:
    """Give an event that has none its positions and return them in order; the plan has been found good."""
    return [_add(event, plan, by=by) for plan in plans]


def apply_plan(event: Event, plan: PlanChanges, *, by: Any) -> None:
    """Make the positions of a locked event as the form wants them, all or nothing. Raises StaleRecord, DomainError."""
    _refuse_conditions(event)
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
        refuse_bad_plan(plans_of(event))
        save_event(event)  # whoever has the same form open must not overwrite the new plan
        settle_capacity(event)


@transaction.atomic
def add_positions(event_id: int, plan: PositionPlan, *, by: Any, count: int = 1) -> list[Position]:
    """Add `count` (1–10) identical positions. Raises NotAllowed, DomainError."""
    if not 1 <= count <= 10:
        raise DomainError(_("Between 1 and 10 positions can be added at once."))
    event = _editable(event_id, by)
    _refuse_conditions(event)
    added = [_add(event, plan, by=by) for _n in range(count)]
    save_event(event)
    settle_capacity(event)
    return added


@transaction.atomic
def resize_group(event_id: int, qualifications: Collection[Any], count: int, *, by: Any, version: int | None) -> Event:
    """Make the event have `count` (0–50) positions that demand exactly these qualifications.

    New ones are mandatory and without description; of those there only free ones go, the last made first. The
    rules of the plan as a whole are not asked: a table is filled in step by step. Raises NotAllowed, StaleRecord,
    DomainError.
    """
    event = _editable(event_id, by)
    event.expect_version(version)
    _refuse_conditions(event)
    if not 0 <= count <= MOST_IN_GROUP:
        raise DomainError(_("Between 0 and %d positions of one kind are possible.") % MOST_IN_GROUP)
    group = _group(event, {row.pk for row in qualifications})
    for position in _superfluous(group, len(group) - count):
        _remove(position, by=by)
    for _n in range(count - len(group)):
        _add(event, PositionPlan(qualifications=list(qualifications)), by=by)
    if len(group) != count:
        save_event(event)
        settle_capacity(event)
    return event


def _group(event: Event, demanded: set[int]) -> list[Position]:
    rows = event.positions.with_crew().order_by("pk")
    return [row for row in rows if {held.pk for held in row.qualifications.all()} == demanded]


def _superfluous(group: Sequence[Position], count: int) -> list[Position]:
    """Return so many free positions to be removed, or refuse when there are not enough of them."""
    free = [row for row in reversed(group) if row.occupant is None]
    if count > len(free):
        words = {"count": count, "taken": count - len(free)}
        raise DomainError(_("%(count)d positions cannot be removed, %(taken)d of them are occupied.") % words)
    return free[: max(0, count)]


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
            settle_capacity(event)  # other people of the waiting list may fit now
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


def _refuse_conditions(event: Event) -> None:
    if event.by_conditions:
        raise DomainError(_("This event is staffed by conditions, it has no positions."))


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
    was_good = _problem_of(plans_of(event)) is None
    yield
    if was_good:
        refuse_bad_plan(plans_of(event))


def _add(event: Event, plan: PositionPlan, *, by: Any) -> Position:
    refuse_deleted(plan.qualifications)
    position = Position(event=event, description=described(plan), is_optional=plan.is_optional)
    with audit.trail(by=by):
        position.save()
        position.qualifications.set(plan.qualifications)
    return position


def _change(position: Position, plan: PositionPlan, *, by: Any, release_unqualified: bool = False) -> bool:
    """Write what differs; say whether anything did."""
    old = {row.pk for row in position.qualifications.all()}
    new = {row.pk for row in plan.qualifications}
    wanted = (described(plan), plan.is_optional)
    if old == new and wanted == (position.description, position.is_optional):
        return False
    refuse_deleted(row for row in plan.qualifications if row.pk not in old)
    position.description, position.is_optional = wanted
    position.raise_version()
    with audit.trail(by=by):
        position.save()
        position.qualifications.set(plan.qualifications)
    if old != new:
        _settle_occupant(position, by=by, release=release_unqualified)
    return True


def described(plan: PositionPlan) -> str:
    """Return the description as it is stored; a column has an end, whoever calls."""
    text = tidy(plan.description)
    longest = Position._meta.get_field("description").max_length or len(text)
    if len(text) > longest:
        raise DomainError(_("The description of a position may have at most %d characters.") % longest)
    return text


def refuse_deleted(qualifications: Iterable[Any]) -> None:
    """Raise DomainError when one of the demanded qualifications has been deleted."""
    if any(row.is_deleted for row in qualifications):
        raise DomainError(_("A deleted qualification cannot be required."))


def _settle_occupant(position: Position, *, by: Any, release: bool) -> None:
    """After new demands: an occupant who no longer fits is refused or, if so wanted, signed off."""
    assignment = position.event.assignments.select_related("person", "position").filter(position=position).first()
    if assignment is None or Position.objects.filter(pk=position.pk).fillable_by(assignment.person).exists():
        return
    if not release:
        raise DomainError(_("%s would no longer be qualified for this position.") % assignment.person.name)
    delete_assignment(position.event, assignment, by=by)


def _remove(position: Position, *, by: Any) -> None:
    if position.event.assignments.filter(position=position).exists():
        raise DomainError(_("An occupied position cannot be deleted."))
    offers.withdraw_of_position(position, at=timezone.now())
    with audit.trail(by=by, kind="delete", summary=audit.sentence(_("Position deleted: %s"), position)):
        position.delete()


def plans_of(event: Event) -> list[PositionPlan]:
    """Return what the positions of the event are like."""
    rows = event.positions.prefetch_related("qualifications")
    return [PositionPlan(row.description, row.is_optional, list(row.qualifications.all())) for row in rows]


def living(plan: PositionPlan) -> PositionPlan:
    """Return the plan without qualifications that have been deleted."""
    return replace(plan, qualifications=[row for row in plan.qualifications if not row.is_deleted])


def refuse_bad_plan(positions: Sequence[PositionPlan]) -> None:
    """Raise DomainError for the first rule that the plan breaks."""
    problem = _problem_of(positions)
    if problem is not None:
        raise DomainError(problem)


def _problem_of(positions: Sequence[PositionPlan]) -> Promise | None:
    return positions_problem([planned(position) for position in positions])


def planned(position: PositionPlan) -> PlannedPosition:
    """Return what the plan's rules need to know of a position."""
    leads = any(row.can_lead and not row.is_deleted for row in position.qualifications)
    return PlannedPosition(is_optional=position.is_optional, can_lead=leads)
