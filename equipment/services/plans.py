"""Services of equipment plans of events and templates.

Who plans more of a type locks the type, after the event: two planners who want the last item stand in a queue, and the
second reads that it is gone. Less is always accepted, and so is what was short before: a broken item must keep nobody
from correcting the time of an event.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from equipment.models import EquipmentType, EventPlan, TemplatePlan
from equipment.models.plans import MAX_QUANTITY
from equipment.plan_querysets import availability, competing
from equipment.services.locking import Gone, require
from equipment.services.shortage import Shortage, ShortType
from events.models import Event, EventTemplate
from events.services.locking import lock_event, refuse_uneditable, save_event
from events.services.templates import lock_template
from medcover.common.errors import DomainError
from medcover.system import audit
from medcover.system.models import AuditEntry

PLAN = "equipment.plan_equipment"

#: Quantities by the key of the type.
Quantities = Mapping[int, int]


@dataclass(frozen=True)
class Span:
    """A half-open span of time."""

    start: datetime
    end: datetime


@dataclass
class _Deferred:
    """Times that events had before they were moved, by key; what they lack is judged with their new plan."""

    spans: dict[int, Span] = field(default_factory=dict)


_deferred: ContextVar[_Deferred | None] = ContextVar("moves that are judged with the plan", default=None)


# --- the plan of an event -------------------------------------------------------------------------------


@transaction.atomic
def plan_type(event_id: int, type_id: Any, quantity: int, *, by: Any) -> EventPlan:
    """Plan so many items of a type for an event, in place of what was planned of it.

    Raises NotAllowed, Gone, DomainError when the event is over, Shortage when there are not enough.
    """
    event = _lock_for_planning(event_id, by)
    stored = _stored(event)
    _apply(event, {**stored, type_id: quantity}, by=by)
    return EventPlan.objects.get(event=event, type=type_id)


@transaction.atomic
def unplan_type(event_id: int, type_id: Any, *, by: Any) -> None:
    """Take a type off the plan of an event. Raises NotAllowed, Gone, DomainError when it is over or not planned."""
    event = _lock_for_planning(event_id, by)
    stored = _stored(event)
    if type_id not in stored:
        raise Gone(_("This type is not planned for the event any more."))
    _apply(event, {key: quantity for key, quantity in stored.items() if key != type_id}, by=by)


@transaction.atomic
def replace_plan(event_id: int, wanted: Quantities, *, by: Any) -> None:
    """Make the plan of an event exactly this. Nothing changed means nothing asked and nothing written.

    Raises NotAllowed, Gone, DomainError when the event is over, Shortage when there are not enough of some type.
    """
    event = _lock_for_planning(event_id, by)
    _apply(event, wanted, by=by)


def _lock_for_planning(event_id: int, by: Any) -> Event:
    event = lock_event(event_id)
    require(by, PLAN)
    refuse_uneditable(event)
    return event


def _stored(event: Event) -> dict[int, int]:
    return dict(EventPlan.objects.filter(event=event).order_by().values_list("type", "quantity"))


def _apply(event: Event, wanted: Quantities, *, by: Any) -> None:
    stored, moved = _stored(event), _moved_from(event)
    changed = [key for key in stored.keys() | wanted.keys() if stored.get(key) != wanted.get(key)]
    judged = sorted(wanted.keys() if moved else wanted.keys() & changed)
    _refuse_bad_quantities(wanted)
    _lock_types(judged)
    if changed or moved:
        _refuse_shortage(event, wanted, judged, before=stored, span_before=moved or _span(event))
    if changed:
        _write(event, wanted, changed, by=by)


def _span(event: Event) -> Span:
    return Span(event.start, event.end)


def _lock_types(keys: Collection[int]) -> None:
    """Lock the types in the order of their keys. Raises Gone when one does not exist."""
    rows = EquipmentType.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    if {row.pk for row in rows} != set(keys):
        raise Gone(_("This type of equipment does not exist."))


def _refuse_bad_quantities(wanted: Quantities) -> None:
    if any(not 1 <= quantity <= MAX_QUANTITY for quantity in wanted.values()):
        raise DomainError(_("The quantity must be a whole number from 1 to %d.") % MAX_QUANTITY)


def _refuse_shortage(
    event: Event, wanted: Quantities, judged: Collection[int], *, before: Quantities, span_before: Span
) -> None:
    """Refuse what is lacking now and was not lacking before, or less."""
    left = availability(judged, event.start, event.end, exclude=event.pk)
    short = [key for key in judged if left[key] < wanted[key]]
    if not short:
        return
    left_before = availability(short, span_before.start, span_before.end, exclude=event.pk)
    worse = [key for key in short if wanted[key] - left[key] > max(0, before.get(key, 0) - left_before[key])]
    if worse:
        raise Shortage(_described(event, wanted, left, worse))


def _described(event: Event, wanted: Quantities, left: Quantities, keys: Collection[int]) -> list[ShortType]:
    rivals: dict[int, Event] = {}
    for row in competing(keys, event.start, event.end, exclude=event.pk):
        rivals.setdefault(row.type_id, row.event)
    types = EquipmentType.objects.filter(pk__in=keys).order_by("name_sort", "pk")
    return [ShortType(row, left[row.pk], wanted[row.pk], rivals.get(row.pk)) for row in types]


def _write(event: Event, wanted: Quantities, changed: Collection[int], *, by: Any) -> None:
    rows = {row.type_id: row for row in EventPlan.objects.filter(event=event, type__in=changed).select_related("type")}
    for row in _unplanned_yet(event, wanted.keys() & changed - rows.keys()):
        rows[row.type_id] = row
    for key in sorted(changed):
        _write_row(rows[key], wanted.get(key), by=by)
    save_event(event)  # whoever has the same form open must not overwrite the new plan


def _unplanned_yet(event: Event, keys: Collection[int]) -> list[EventPlan]:
    return [EventPlan(event=event, type=row) for row in EquipmentType.objects.filter(pk__in=keys)]


def _write_row(row: EventPlan, quantity: int | None, *, by: Any) -> None:
    """Write the quantity, or delete the row where it is None."""
    words = {"type": row.type.name, "old": row.quantity, "new": quantity}
    summary = audit.sentence(_SUMMARIES[quantity is None, row.pk is None], words)
    with audit.trail(by=by, kind=AuditEntry.Kind.EDIT, summary=summary):
        if quantity is None:
            row.delete()
        else:
            row.quantity = quantity
            row.save()


#: By whether the row goes, and whether it is new.
_SUMMARIES = {
    (True, False): _("Equipment not planned any more: %(type)s"),
    (False, True): _("Equipment planned: %(type)s ×%(new)d"),
    (False, False): _("Planned equipment %(type)s: %(old)d → %(new)d"),
}


# --- moving an event ------------------------------------------------------------------------------------


def judge_move(event: Event, start: datetime, end: datetime) -> None:
    """Refuse to move a locked event, which was from `start` to `end`, to where its equipment is not enough.

    Raises Shortage. Inside `judged_with_plan` the question is only noted.
    """
    deferred = _deferred.get()
    if deferred is not None:
        deferred.spans.setdefault(event.pk, Span(start, end))
        return
    stored = _stored(event)
    _lock_types(sorted(stored))
    _refuse_shortage(event, stored, sorted(stored), before=stored, span_before=Span(start, end))


@contextmanager
def judged_with_plan() -> Iterator[None]:
    """Let a form that writes an event and its plan have both judged together, by `replace_plan` inside."""
    token = _deferred.set(_Deferred())
    try:
        yield
    finally:
        _deferred.reset(token)


def _moved_from(event: Event) -> Span | None:
    deferred = _deferred.get()
    return deferred.spans.get(event.pk) if deferred is not None else None


# --- copies and templates -------------------------------------------------------------------------------


def copy_plan(event: Event, source: Event | EventTemplate, *, by: Any) -> None:
    """Give an event just made the plan of the event or template that it was made after.

    A copy that lacks something is not refused: it is a draft, and its page says what is missing.
    """
    with audit.trail(by=by):
        for row in _plan_of(source):
            EventPlan.objects.create(event=event, type_id=row.type_id, quantity=row.quantity)


def _plan_of(source: Event | EventTemplate) -> Any:
    if isinstance(source, Event):
        return EventPlan.objects.filter(event=source).order_by("type")
    return TemplatePlan.objects.filter(template=source).order_by("type")


def copy_plan_to_template(template: EventTemplate, event: Event, *, by: Any) -> None:
    """Give a template just made the plan of the event."""
    replace_template_plan(template, _stored(event), by=by)


@transaction.atomic
def replace_template_plan(template: EventTemplate, wanted: Quantities, *, by: Any) -> None:
    """Make the plan of a template, whose row is locked or new, exactly this; templates take nothing from the stock.

    Raises NotAllowed, DomainError.
    """
    require(by, PLAN)
    _refuse_bad_quantities(wanted)
    _lock_types(sorted(wanted))
    rows = {row.type_id: row for row in TemplatePlan.objects.filter(template=template)}
    summary = audit.sentence(_("Planned equipment of the template changed: %s"), template.name)
    with audit.trail(by=by, kind=AuditEntry.Kind.EDIT, summary=summary):
        for key in sorted(rows.keys() - wanted.keys()):
            rows[key].delete()
        for key, quantity in sorted(wanted.items()):
            _write_template_row(template, rows.get(key), key, quantity)


@transaction.atomic
def add_to_template(template_id: Any, type_id: int, count: int, *, by: Any) -> EventTemplate:
    """Let events of a template begin with so many more items of a type than now; open forms of it become stale.

    Raises NotAllowed, Gone, DomainError for a count below one or too large a quantity.
    """
    require(by, PLAN)
    _refuse_bad_quantities({type_id: count})
    template = lock_template(template_id)
    stored = dict(TemplatePlan.objects.filter(template=template).order_by().values_list("type", "quantity"))
    replace_template_plan(template, {**stored, type_id: stored.get(type_id, 0) + count}, by=by)
    template.raise_version()
    with audit.trail(by=by):
        template.save(update_fields=["version", "updated"])
    return template


def _write_template_row(template: EventTemplate, row: TemplatePlan | None, type_id: int, quantity: int) -> None:
    if row is None:
        TemplatePlan.objects.create(template=template, type_id=type_id, quantity=quantity)
    elif row.quantity != quantity:
        row.quantity = quantity
        row.save(update_fields=["quantity"])
