"""Debriefings of events that were over before they came here: neutral ones, so that nobody is asked for them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from debriefing.models import ConfidentialAnswers, Debriefing
from debriefing.querysets import pending
from debriefing.rules import NoteStatus


@transaction.atomic
def fill_in(event_ids: Iterable[int], *, by: Any, at: datetime) -> int:
    """Give each duty on these completed events a debriefing without a note, handed in by whoever imported it.

    Returns how many. An import by nobody, from the command line, counts as the person's own.
    """
    rows = pending().filter(event__in=event_ids).order_by("pk")
    importer = by.pk if by else None
    made = [Debriefing(assignment=row, submitted_by_id=importer or row.person_id, submitted_at=at) for row in rows]
    Debriefing.objects.bulk_create(made)
    neutral = NoteStatus.NONE
    ConfidentialAnswers.objects.bulk_create(ConfidentialAnswers(debriefing=row, note_status=neutral) for row in made)
    return len(made)
