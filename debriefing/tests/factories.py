"""Debriefings for tests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from credentials.models import Qualification
from debriefing.models import ConfidentialAnswers, Debriefing, DebriefingRequest, Need, UsedMaterial
from debriefing.models.need import SUBJECTS
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


def handed_in(
    assignment: Assignment, *, at: datetime | None = None, material: Any = (), needs: Any = (), **answers: Any
) -> Debriefing:
    """Let the debriefing have been handed in, past every rule; with texts it describes something.

    `material` are pairs of name and quantity, `needs` of a qualification or a type and quantity; both are open needs.
    """
    moment = at or timezone.now()
    made = Debriefing.objects.create(assignment=assignment, submitted_by=assignment.person, submitted_at=moment)
    status = NoteStatus.DESCRIBED if answers else NoteStatus.USUAL
    ConfidentialAnswers.objects.create(debriefing=made, **{"note_status": status, **answers})
    for name, quantity in material:
        used(made, name, quantity)
    for subject, quantity in needs:
        need_of(made, subject, quantity)
    return made


def used(made: Debriefing, what: Any, quantity: int) -> Need:
    """Let the person have used up so much of a consumable, or of something in their words."""
    told = {"name": what} if isinstance(what, str) else {"name": what.name, "consumable": what}
    row = UsedMaterial.objects.create(debriefing=made, quantity=quantity, **told)
    return Need.objects.create(debriefing=made, kind=Need.Kind.MATERIAL, material=row, quantity=quantity)


def need_of(made: Debriefing, subject: Any, quantity: int, **fields: Any) -> Need:
    """Let the person have asked for so many more of a qualification or a type of equipment."""
    kind = Need.Kind.PEOPLE if isinstance(subject, Qualification) else Need.Kind.EQUIPMENT
    return Need.objects.create(debriefing=made, kind=kind, quantity=quantity, **{SUBJECTS[kind]: subject}, **fields)


def asked(assignment: Assignment, at: datetime, **moments: Any) -> DebriefingRequest:
    """Let the person have been asked, past every rule."""
    return DebriefingRequest.objects.create(assignment=assignment, invited_at=at, **moments)
