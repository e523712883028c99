"""Debriefings for tests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from debriefing.models import ConfidentialAnswers, Debriefing, DebriefingRequest, UsedMaterial
from debriefing.rules import NoteStatus
from debriefing.services.submitting import Entry
from events.models import Assignment
from events.rules.lifecycle import Status
from events.tests.factories import EventFactory, PositionFactory, put
from roster.rights import Role
from roster.tests.factories import UserFactory, make_member

TEXTS = {
    "feedback_event": "Průběh: chyběl stan.",
    "feedback_customer": "Pořadatel: nečekal nás.",
    "feedback_colleagues": "Kolegové: Petr přišel pozdě.",
}


def make_manager(**fields: Any) -> Any:
    """Somebody who is debriefing manager and nothing else."""
    return UserFactory(roles=[Role.DEBRIEFING_MANAGER], **fields)


def done_duty(person: Any = None, event: Any = None, **fields: Any) -> Assignment:
    """Let the person have been on a completed event, past every rule."""
    event = event or EventFactory(**{"status": Status.COMPLETED, **fields})
    return put(person or make_member(), PositionFactory(event=event))


def led_duty(person: Any, **fields: Any) -> Assignment:
    """Let the person have led a completed event."""
    return done_duty(person, responsible_person=person, **fields)


def described(**fields: Any) -> Entry:
    """Everything was unusual, and is written down."""
    return Entry(**{"note_status": NoteStatus.DESCRIBED, "texts": TEXTS, **fields})


def usual(**fields: Any) -> Entry:
    """Nothing was unusual."""
    return Entry(**{"note_status": NoteStatus.USUAL, **fields})


def handed_in(assignment: Assignment, *, at: datetime | None = None, material: Any = (), **answers: Any) -> Debriefing:
    """Let the debriefing have been handed in, past every rule; with texts it describes something."""
    moment = at or timezone.now()
    made = Debriefing.objects.create(assignment=assignment, submitted_by=assignment.person, submitted_at=moment)
    status = NoteStatus.DESCRIBED if answers else NoteStatus.USUAL
    ConfidentialAnswers.objects.create(debriefing=made, **{"note_status": status, **answers})
    UsedMaterial.objects.bulk_create(UsedMaterial(debriefing=made, name=name, quantity=n) for name, n in material)
    return made


def asked(assignment: Assignment, at: datetime, **moments: Any) -> DebriefingRequest:
    """Let the person have been asked, past every rule."""
    return DebriefingRequest.objects.create(assignment=assignment, invited_at=at, **moments)
