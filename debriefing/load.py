"""Debriefings of the large organisation that is made for measuring: of every second duty on a completed event."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django.contrib.auth.models import Group
from django.db import transaction

from debriefing.models import ConfidentialAnswers, Debriefing, DebriefingRequest, UsedMaterial
from debriefing.querysets import expected
from debriefing.rules import NoteStatus
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
    inserting.insert(DebriefingRequest, [_request(duty, at) for duty in duties])
    _choose_manager()
    return len(made)


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
