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
from equipment.models import EquipmentType
from events.load.inserting import Inserting
from events.models import Assignment
from roster.models import User
from roster.rights import Role

_WORDS = "Všechno podstatné proběhlo v pořádku, jen zázemí bylo daleko od hlavního vchodu a signál slabý."


@transaction.atomic
def build(*, at: datetime) -> int:
    """Make debriefings for the events that are there, the same each time; return how many."""
    inserting = Inserting(0, None)
    duties = list(expected().select_related("event").order_by("event__start", "event", "pk"))
    made = [_debriefing(duty, number) for number, duty in enumerate(duties[::2])]
    inserting.insert(Debriefing, made)
    inserting.insert(ConfidentialAnswers, [_answers(row, number) for number, row in enumerate(made)])
    used = [UsedMaterial(debriefing=row, name="Obvaz", quantity=1 + number % 5) for number, row in enumerate(made[::4])]
    inserting.insert(UsedMaterial, used)
    inserting.insert(Need, [*_needs(made, used)])
    inserting.insert(DebriefingRequest, [_request(duty, at) for duty in duties])
    _choose_manager()
    return len(made)


def _needs(made: list[Debriefing], used: list[UsedMaterial]) -> Iterator[Need]:
    """Material of all, and of every tenth a qualification or a type; those of long ago have been dealt with."""
    for number, material in enumerate(used):
        yield _need(material.debriefing, number, kind=Kind.MATERIAL, material=material, quantity=material.quantity)
    wanted = [(Kind.PEOPLE, "qualification", list(Qualification.objects.living()[:5])),
              (Kind.EQUIPMENT, "equipment_type", list(EquipmentType.objects.all()[:5]))]  # fmt: skip
    for number, row in enumerate(made[::10]):
        kind, column, choices = wanted[number % 2]
        if choices:
            yield _need(row, number, kind=kind, quantity=1 + number % 3, **{column: choices[number % len(choices)]})


def _need(row: Debriefing, number: int, **fields: Any) -> Need:
    need = Need(debriefing=row, **fields)
    if number % 20:
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
