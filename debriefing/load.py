"""Debriefings of the large organisation that is made for measuring: of every second duty on a completed event."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction

from credentials.models import Qualification
from debriefing.models import ConfidentialAnswers, Debriefing, DebriefingRequest, Need, UsedMaterial
from debriefing.need_rules import Kind, Outcome, State
from debriefing.querysets import expected
from debriefing.rules import NoteStatus
from equipment.models import Consumable, EquipmentType
from events.load.inserting import Inserting
from events.models import Assignment
from roster.models import User
from roster.rights import Role

#: The needs of at least so many debriefings wait for somebody.
LEAST_OPEN = 20
_WORDS = "Všechno podstatné proběhlo v pořádku, jen zázemí bylo daleko od hlavního vchodu a signál slabý."


@transaction.atomic
def build(*, at: datetime) -> int:
    """Make debriefings for the events that are there, the same each time; return how many."""
    inserting = Inserting(0, None)
    duties = list(expected().select_related("event").order_by("event__start", "event", "pk"))
    made = [_debriefing(duty, number) for number, duty in enumerate(duties[::2])]
    inserting.insert(Debriefing, made)
    inserting.insert(ConfidentialAnswers, [_answers(row, number) for number, row in enumerate(made)])
    used = [*_used(made[::4])]
    inserting.insert(UsedMaterial, used)
    inserting.insert(Need, [*_needs(made, used)])
    inserting.insert(DebriefingRequest, [_request(duty, at) for duty in duties])
    _choose_manager()
    return len(made)


def _used(rows: list[Debriefing]) -> Iterator[UsedMaterial]:
    """Something of each, every second time a kind of the stock; so it is the last time."""
    kinds = list(Consumable.objects.in_use().order_by("pk")[:10])
    for number, row in enumerate(rows):
        kind = kinds[number % len(kinds)] if kinds and (len(rows) - number) % 2 else None
        name = kind.name if kind else "Obvaz"
        yield UsedMaterial(debriefing=row, consumable=kind, name=name, quantity=1 + number % 5)


def _needs(made: list[Debriefing], used: list[UsedMaterial]) -> Iterator[Need]:
    """Material of all, and of every tenth a qualification or a type; only the latest of all wait for somebody."""
    wanted = [(Kind.PEOPLE, "qualification", list(Qualification.objects.living()[:5])),
              (Kind.EQUIPMENT, "equipment_type", list(EquipmentType.objects.all()[:5]))]  # fmt: skip
    recent = {row.pk for row in made[-max(LEAST_OPEN, len(made) // 20) :]}
    for material in used:
        told = {"kind": Kind.MATERIAL, "material": material, "quantity": material.quantity}
        yield _need(material.debriefing, is_open=material.debriefing.pk in recent, **told)
    for number, row in enumerate(made[::10]):
        kind, column, choices = wanted[number % 2]
        if choices:
            told = {"kind": kind, "quantity": 1 + number % 3, column: choices[number % len(choices)]}
            yield _need(row, is_open=row.pk in recent, **told)


def _need(row: Debriefing, *, is_open: bool, **fields: Any) -> Need:
    need = Need(debriefing=row, **fields)
    if not is_open:
        need.state, need.outcome, need.settled_at = State.DONE, Outcome.BY_HAND, row.submitted_at
    return need


def _choose_manager() -> None:
    """Let one of the coordinators be debriefing manager, as it is meant to be: besides another role."""
    person = User.objects.active().with_role(Role.COORDINATOR).order_by("-email").first()
    group = Group.objects.get(name=Role.DEBRIEFING_MANAGER.value)
    if person is not None:
        User.groups.through.objects.get_or_create(user=person, group=group)


def _debriefing(duty: Assignment, number: int) -> Debriefing:
    hours = Decimal("2.5") if number % 10 == 0 else None
    moment = duty.event.end + timedelta(hours=number % 48)
    return Debriefing(assignment=duty, submitted_by_id=duty.person_id, submitted_at=moment, own_hours=hours)


def _answers(row: Debriefing, number: int) -> ConfidentialAnswers:
    if number % 5:
        return ConfidentialAnswers(debriefing=row, note_status=NoteStatus.USUAL)
    return ConfidentialAnswers(debriefing=row, note_status=NoteStatus.DESCRIBED, feedback_event=_WORDS)


def _request(duty: Assignment, at: datetime) -> DebriefingRequest:
    """Who was asked was reminded as well, so that nothing of all this is due."""
    moment = min(at, duty.event.end)
    return DebriefingRequest(assignment=duty, invited_at=moment, reminded_at=moment, last_reminded_at=moment)
