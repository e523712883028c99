"""Asking for debriefings: an invitation when an event is over, and reminders to whoever has not answered."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from debriefing.models import DebriefingRequest
from debriefing.policies import MANAGE
from debriefing.querysets import pending
from debriefing.rules import BETWEEN_REMINDERS
from events.models import Event
from events.rules.lifecycle import Status
from events.services import notifications
from events.services.locking import Gone, lock_event, require
from medcover.common.errors import DomainError
from medcover.system import audit
from medcover.system.models import AuditEntry, SiteSettings

logger = logging.getLogger(__name__)

#: Nobody is written to in the night.
MORNING = 7


def invite(event: Event, *, at: datetime) -> int:
    """Ask everybody on a locked event, once; return how many were asked now."""
    crew = event.assignments.filter(debriefing_request__isnull=True)
    asked = list(crew.values_list("pk", "person"))
    DebriefingRequest.objects.bulk_create(DebriefingRequest(assignment_id=key, invited_at=at) for key, _who in asked)
    notifications.notify_people("debriefing_invitation", event, [person for _key, person in asked])
    return len(asked)


def remind_due(*, at: datetime) -> int:
    """Remind everybody who was asked three or ten days ago and has not answered; return how many that were.

    What was missed while nobody was there to send it is caught up, by the last reminder alone where both are due.
    """
    if at.astimezone(ZoneInfo(SiteSettings.current().time_zone)).hour < MORNING:
        return 0
    asked = DebriefingRequest.objects
    due = asked.due_for_gentle_reminder(at) | asked.due_for_last_reminder(at)
    events = due.order_by("assignment__event").values_list("assignment__event", flat=True).distinct()
    return sum(_remind_crew(event_id, at) for event_id in list(events))


def _remind_crew(event_id: int, at: datetime) -> int:
    """Remind people of one event; its trouble never keeps those of others from hearing."""
    try:
        with transaction.atomic(), notifications.together():
            event = lock_event(event_id)
            asked = DebriefingRequest.objects.filter(assignment__event=event)
            last = _tell(event, asked.due_for_last_reminder(at), "debriefing_last_reminder", last_reminded_at=at)
            return last + _tell(event, asked.due_for_gentle_reminder(at), "debriefing_reminder", reminded_at=at)
    except Gone:
        logger.warning("Event %s vanished before anybody was reminded of its debriefing", event_id)
    except Exception:
        logger.exception("Nobody could be reminded of the debriefing of event %s", event_id)
    return 0


def _tell(event: Event, rows: Iterable[Any], code: str, **remembered: datetime) -> int:
    """Tell people, and remember it; the event is locked, so of two workers the second one finds nothing."""
    due = list(rows.select_related("assignment"))  # type: ignore[attr-defined]
    notifications.notify_people(code, event, [row.assignment.person_id for row in due])
    DebriefingRequest.objects.filter(pk__in=[row.pk for row in due]).update(**remembered)
    return len(due)


@transaction.atomic
def remind_by_hand(event_id: Any, *, by: Any, at: datetime) -> int:
    """Remind everybody who has not handed in their debriefing of an event; return how many that were.

    Whoever was asked or reminded within a day is left alone. Raises NotAllowed, Gone, DomainError when the event is not
    completed or nobody is left to be reminded.
    """
    require(by, MANAGE)
    event = lock_event(event_id)
    if event.status != Status.COMPLETED:
        raise DomainError(_("The debriefing can be filled in once the event is completed."))
    missing = pending().filter(event=event).select_related("debriefing_request")
    left = [row for row in missing if not _was_just_told(getattr(row, "debriefing_request", None), at)]
    if not left:
        raise DomainError(_("Nobody is left to be reminded: everybody has answered, or heard of it within a day."))
    _remember(left, at)
    notifications.notify_people("debriefing_reminder", event, [row.person_id for row in left])
    summary = audit.sentence(_("People reminded of the debriefing: %d"), len(left))
    audit.record(event, kind=AuditEntry.Kind.MESSAGE, by=by, summary=summary, event_id=event.pk)
    return len(left)


def _was_just_told(asked: DebriefingRequest | None, at: datetime) -> bool:
    moments = [asked.invited_at, asked.reminded_at, asked.last_reminded_at] if asked else []
    return any(moment and moment > at - BETWEEN_REMINDERS for moment in moments)


def _remember(rows: list[Any], at: datetime) -> None:
    """Note the reminder; whoever was never asked is asked by it."""
    asked = [DebriefingRequest(assignment=row, invited_at=at, reminded_at=at) for row in rows]
    DebriefingRequest.objects.bulk_create(
        asked, update_conflicts=True, unique_fields=["assignment"], update_fields=["reminded_at"]
    )
