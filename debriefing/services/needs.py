"""What becomes of needs: a change of a template, a movement of the stock, or a word why nothing is done.

Needs are settled in the groups in which they are listed: the same thing, missed by several people on one event. Every
service begins with the lock of that event and takes exactly the needs that its reader has seen; when one of them is
not as it was, somebody else was quicker, and nothing changes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from debriefing import need_querysets, need_rules
from debriefing.models import Need, UsedMaterial
from debriefing.need_querysets import SETTLE
from debriefing.need_rules import MOST_NEEDED, Kind, Outcome, State
from equipment.models import Consumable, Movement
from equipment.services import consumables, plans, usage
from events.models import Event, EventTemplate
from events.policies import may_view
from events.services import templates
from events.services.locking import Gone, lock_event, require
from medcover.common.errors import DomainError, StaleRecord
from medcover.common.text import tidy
from medcover.system import audit
from medcover.system.models import AuditEntry

LONGEST_NOTE = 200


@transaction.atomic
@audit.recorded_together()
def add_to_template(keys: Iterable[int], template_id: Any, count: int, *, by: Any, at: datetime) -> EventTemplate:
    """Let events of a template begin with so many more of the people or the equipment that was missed.

    Raises NotAllowed, Gone, StaleRecord when somebody has settled one of the needs, DomainError.
    """
    event, needs = _locked(keys, State.OPEN, by=by)
    if not 1 <= count <= MOST_NEEDED:
        raise DomainError(audit.sentence(_("Give a whole number from 1 to %d."), MOST_NEEDED))
    template = _add(needs[0], template_id, count, by=by)
    _settle(event, needs, Outcome.TEMPLATE, _("Added to the template: %s"), by=by, at=at, template=template)
    return template


def _add(need: Need, template_id: Any, count: int, *, by: Any) -> EventTemplate:
    if need.kind == Kind.PEOPLE:
        return templates.add_people(template_id, need.qualification, count, by=by)
    if need.equipment_type_id is None:
        raise DomainError(_("Material belongs to the stock, not to a template."))
    return plans.add_to_template(template_id, need.equipment_type_id, count, by=by)


# --- the stock ------------------------------------------------------------------------------------------


@transaction.atomic
@audit.recorded_together()
def book_use(keys: Iterable[int], consumable_id: Any, quantity: int, *, by: Any, at: datetime) -> list[Movement]:
    """Take what was used on the event out of stock, what expires first first; never more than is not recorded yet.

    From then on the material is the kind it was booked as. Raises NotAllowed, Gone, StaleRecord, DomainError when the
    crew has recorded it already, or when there is not enough.
    """
    event, needs = _locked(keys, State.OPEN, Kind.MATERIAL, by=by)
    _refuse_booked_twice(event, needs, consumable_id, quantity)
    made = usage.use_on_event(event.pk, [(consumable_id, quantity)], by=by, at=at)
    _link(needs, consumable_id)
    _settle(event, needs, Outcome.BOOKED, _("Taken out of stock: %s"), by=by, at=at)
    return made


def _refuse_booked_twice(event: Event, needs: Collection[Need], consumable_id: Any, quantity: int) -> None:
    written = need_querysets.written(event.pk, consumable_id, besides=[need.material_id for need in needs])
    booked = need_querysets.booked(event.pk, consumable_id)
    left = need_rules.left_to_book(written, booked)
    if quantity > left:
        words = _(
            "The stock already has %(booked)d of it as used on this event; only %(left)d are left to be taken out."
        )
        raise DomainError(audit.sentence(words, {"booked": booked, "left": left}))


@transaction.atomic
def accept_booked(keys: Iterable[int], consumable_id: Any, *, by: Any, at: datetime) -> None:
    """Settle needs whose material the crew has recorded in the stock already.

    Raises NotAllowed, Gone, StaleRecord, DomainError while some of it is not recorded.
    """
    event, needs = _locked(keys, State.OPEN, Kind.MATERIAL, by=by)
    written = need_querysets.written(event.pk, consumable_id, besides=[need.material_id for need in needs])
    if left := need_rules.left_to_book(written, need_querysets.booked(event.pk, consumable_id)):
        raise DomainError(audit.sentence(_("Not all of it is recorded in the stock: %d are missing."), left))
    _link(needs, consumable_id)
    _settle(event, needs, Outcome.KNOWN, _("Was recorded in the stock already: %s"), by=by, at=at)


@transaction.atomic
@audit.recorded_together()
def start_stocking(keys: Iterable[int], name: str, unit: str, minimum: int, *, by: Any, at: datetime) -> Consumable:
    """Make a kind of the stock out of material that it does not know; nothing of it is there, so it is to be bought.

    Raises NotAllowed, Gone, StaleRecord, ValidationError for bad values or a taken name, DomainError.
    """
    event, needs = _locked(keys, State.OPEN, Kind.MATERIAL, by=by)
    made = consumables.save_consumable(Consumable(name=name, unit=unit, minimum=minimum), by=by)
    _link(needs, made.pk)
    _settle(event, needs, Outcome.STOCKED, _("New kind in the stock: %s"), by=by, at=at)
    return made


def _link(needs: Collection[Need], consumable_id: Any) -> None:
    found = Consumable.objects.filter(pk=consumable_id).first()
    if found is None:
        raise Gone(_("This consumable does not exist."))
    UsedMaterial.objects.filter(pk__in=[need.material_id for need in needs]).update(consumable=found)
    for need in needs:
        if need.material is not None:
            need.material.consumable = found


# --- by words alone -------------------------------------------------------------------------------------


@transaction.atomic
def settle_by_hand(keys: Iterable[int], note: str, *, by: Any, at: datetime) -> None:
    """Note how needs were settled elsewhere. Raises NotAllowed, Gone, StaleRecord, DomainError."""
    event, needs = _locked(keys, State.OPEN, by=by)
    words = _required(note, _("Write in a few words what was done."))
    _settle(event, needs, Outcome.BY_HAND, _("Settled otherwise: %s"), by=by, at=at, note=words)


@transaction.atomic
def dismiss(keys: Iterable[int], reason: str, *, by: Any, at: datetime) -> None:
    """Put needs aside with a reason. Raises NotAllowed, Gone, StaleRecord, DomainError."""
    event, needs = _locked(keys, State.OPEN, by=by)
    words = _required(reason, _("Write in a few words why nothing is done about it."))
    _write(needs, state=State.DISMISSED, settled_by=by, settled_at=at, note=words)
    _record(event, needs, _("Need dismissed: %s"), State.OPEN, by=by)


@transaction.atomic
def reopen(keys: Iterable[int], *, by: Any) -> None:
    """Take a dismissal back. Raises NotAllowed, Gone, StaleRecord, DomainError."""
    event, needs = _locked(keys, State.DISMISSED, by=by)
    _write(needs, state=State.OPEN, settled_by=None, settled_at=None, note="")
    _record(event, needs, _("Dismissal of a need taken back: %s"), State.DISMISSED, by=by)


def _required(text: str, refusal: Promise) -> str:
    words = tidy(text)
    if not words:
        raise DomainError(refusal)
    if len(words) > LONGEST_NOTE:
        raise DomainError(audit.sentence(_("Write %d characters at the most."), LONGEST_NOTE))
    return words


# --- locks and writes -----------------------------------------------------------------------------------


def _locked(keys: Iterable[int], state: str, kind: str = "", *, by: Any) -> tuple[Event, list[Need]]:
    """Lock the event that needs are about, and the needs; refuse unless they are one group in this state."""
    require(by, SETTLE)
    wanted = set(keys)
    event = _locked_event(wanted, by)
    rows = Need.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk")
    needs = list(rows.select_related("qualification", "equipment_type", "material__consumable"))
    if len(needs) < len(wanted):
        raise Gone(_("This need does not exist any more."))
    if any(need.state != state for need in needs):
        raise StaleRecord(_("Somebody else has just dealt with this need."))
    if len({need.group for need in needs}) > 1 or (kind and needs[0].kind != kind):
        raise DomainError(_("Needs can be settled together only when they are about the same thing."))
    return event, needs


def _locked_event(keys: Collection[int], by: Any) -> Event:
    found = list(Event.objects.filter(assignments__debriefing__needs__in=keys).order_by().values_list("pk").distinct())
    if len(found) != 1:
        raise Gone(_("This need does not exist any more."))
    event = lock_event(found[0][0])
    if by is not None and not may_view(by, event):
        raise Gone(_("This need does not exist any more."))
    if event.is_archived:
        raise DomainError(_("The event is archived; its needs are not dealt with any more."))
    return event


def _settle(
    event: Event, needs: Collection[Need], outcome: str, words: Promise, *, by: Any, at: datetime, **told: Any
) -> None:
    _write(needs, state=State.DONE, outcome=outcome, settled_by=by, settled_at=at, **told)
    _record(event, needs, words, State.OPEN, by=by)


def _write(needs: Collection[Need], **values: Any) -> None:
    """Write the same to locked needs."""
    for need in needs:
        for name, value in values.items():
            setattr(need, name, value)
    Need.objects.filter(pk__in=[need.pk for need in needs]).update(**values)


def _record(event: Event, needs: Collection[Need], words: Promise, before: str, *, by: Any) -> None:
    """Record it with the event, in which nobody's own words appear: they could name somebody."""
    need = next(iter(needs))
    summary = audit.sentence(words, need.known_subject)
    changes = {"need": [str(State(before).label), str(State(need.state).label)]}
    audit.record(event, kind=AuditEntry.Kind.EDIT, by=by, summary=summary, event_id=event.pk, changes=changes)
