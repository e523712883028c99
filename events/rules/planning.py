"""Validation of an event's data, on plain values; the first broken rule is reported first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    """Type of an event."""

    MEDICAL = "medical", _("Medical cover")
    TRAINING = "training", _("Training")
    PRESENTATION = "presentation", _("Presentation")


@dataclass(frozen=True)
class Problem:
    """One broken rule and the field a form shows it at."""

    field: str
    message: Promise


def problems(
    *,
    name: str,
    has_master: bool,
    start: datetime | None,
    end: datetime | None,
    signups_open_at: datetime | None = None,
    planned_participants: int | None = None,
) -> list[Problem]:
    """Return the broken rules in the order in which people should hear of them."""
    found = []
    if planned_participants is not None and planned_participants < 0:
        found.append(Problem("planned_participants", _("The planned number of participants must not be negative.")))
    if not name.strip():
        found.append(Problem("name", _("The event needs a name.")))
    if not has_master:
        found.append(Problem("master_event", _("Choose the master event.")))
    return found + _problems_of_times(start, end, signups_open_at)


def _problems_of_times(start: datetime | None, end: datetime | None, signups_open_at: datetime | None) -> list[Problem]:
    if start is None or end is None:
        return [Problem("start" if start is None else "end", _("Date and time of start and end are required."))]
    found = []
    if end <= start:
        found.append(Problem("end", _("The end of the event must be after its start.")))
    if signups_open_at is not None and signups_open_at >= start:
        found.append(Problem("signups_open_at", _("Sign-ups must open before the event starts.")))
    return found
