"""Reminders: people hear of their own coming duties, once each, also when the worker was down at that minute."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from events.models import Assignment
from events.services import notifications
from events.services.locking import Gone, lock_event

logger = logging.getLogger(__name__)


def remind_of_duties(*, at: datetime) -> int:
    """Remind everybody whose duty begins within their own lead time; return how many reminders that were."""
    due = Assignment.objects.due_for_reminder(at).order_by("event").values_list("event", flat=True).distinct()
    return sum(_remind_on(event_id, at) for event_id in list(due))


def _remind_on(event_id: int, at: datetime) -> int:
    """Remind the people of one event; its trouble never keeps those of others from hearing."""
    try:
        with transaction.atomic(), notifications.together():
            event = lock_event(event_id)
            due = list(event.assignments.due_for_reminder(at).select_related("person"))
            notifications.notify_people("duty_reminder", event, [assignment.person_id for assignment in due])
            event.assignments.filter(pk__in=[assignment.pk for assignment in due]).update(reminded_at=at)
            return len(due)
    except Gone:
        logger.warning("Event %s vanished before its people were reminded", event_id)
    except Exception:
        logger.exception("The people of event %s could not be reminded", event_id)
    return 0
