"""Debriefings of events that were over before they came here: neutral ones, so that nobody is asked for them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from debriefing.models import ConfidentialAnswers, Debriefing
from debriefing.rules import NoteStatus
from events.models import Assignment


@transaction.atomic
def fill_in(assignments: Iterable[Assignment], *, by: Any, at: datetime) -> int:
    """Give each of these duties a debriefing without a note, handed in by whoever imported it; return how many.

    An import by nobody, from the command line, counts as the person's own.
    """
    made = [Debriefing(assignment=row, submitted_by=by or row.person, submitted_at=at) for row in assignments]
    Debriefing.objects.bulk_create(made)
    neutral = NoteStatus.NONE
    ConfidentialAnswers.objects.bulk_create(ConfidentialAnswers(debriefing=row, note_status=neutral) for row in made)
    return len(made)
