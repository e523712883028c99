"""Reminders of one's own coming duties, and of places that are still free; once each, also after an outage."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from events.models import Assignment, Event
from events.rules.lifecycle import Status
from events.rules.reminders import EARLIEST, due_offsets
from events.services import notifications
from events.services.locking import Gone, lock_event
from events.slack import posts

logger = logging.getLogger(__name__)


def remind_of_duties(*, at: datetime) -> int:
    """Remind everybody whose duty begins within their own lead time; return how many reminders that were."""
    due = Assignment.objects.due_for_reminder(at).order_by("event").values_list("event", flat=True).distinct()
    return _each(list(due), _remind_crew, at)


def remind_of_unfilled(*, at: datetime) -> int:
    """Remind those who plan of coming events on which somebody is missing, by each event's own schedule.

    Returns of how many events. A reminder whose moment passed while everybody was there is due once somebody leaves.
    """
    coming = Event.objects.not_archived().filter(status__in=[Status.OPEN, Status.CLOSED], start__gt=at)
    rows = coming.starting_before(at + timedelta(hours=EARLIEST)).order_by("pk")
    described = rows.values_list("pk", "start", "reminder_schedule", "reminders_sent")
    due = [pk for pk, start, schedule, sent in described if due_offsets(schedule, sent, start=start, at=at)]
    return _each(due, _remind_planners, at)


def _each(keys: Sequence[int], remind: Callable[[Event, datetime], int], at: datetime) -> int:
    """Lock one event after the other and remind; the trouble of one never keeps people of others from hearing."""
    count = 0
    for key in keys:
        try:
            with transaction.atomic(), notifications.together():
                count += remind(lock_event(key), at)
        except Gone:
            logger.warning("Event %s vanished before anybody was reminded", key)
        except Exception:
            logger.exception("Nobody could be reminded of event %s", key)
    return count


def _remind_crew(event: Event, at: datetime) -> int:
    due = list(event.assignments.due_for_reminder(at))
    notifications.notify_people("duty_reminder", event, [assignment.person_id for assignment in due])
    event.assignments.filter(pk__in=[assignment.pk for assignment in due]).update(reminded_at=at)
    return len(due)


def _remind_planners(event: Event, at: datetime) -> int:
    due = due_offsets(event.reminder_schedule, event.reminders_sent, start=event.start, at=at)
    if not due or not _looks_for_people(event):
        return 0
    planners = {event.responsible_person_id, event.master_event.coordinator_id} - {None}
    notifications.notify_people("unfilled_reminder", event, planners)
    posts.tell_short(event, at=at)
    sent = event.reminders_sent | {str(offset): at.isoformat() for offset in due}
    Event.objects.filter(pk=event.pk).update(reminders_sent=sent)
    return 1


def _looks_for_people(event: Event) -> bool:
    """A mandatory position is free while sign-ups are open; conditions may be unmet also behind closed ones."""
    staffing = event.staffing_of_now()
    if event.is_archived or event.status not in (Status.OPEN, Status.CLOSED):
        return False
    return not staffing.is_sufficient if event.by_conditions else event.status == Status.OPEN and staffing.is_short
