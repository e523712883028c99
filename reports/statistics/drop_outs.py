"""Late drop-outs: people who were taken off an event shortly before it, as the record of changes remembers.

Nothing else keeps that somebody was on an event and is not any more. Who it was is told to nobody here: the history of
the event says it to those who may read it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, TextField
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast

from events.models import Assignment, Event, HandOver
from events.rules.lifecycle import Status
from events.rules.waiting import HandOverState
from medcover.common.prepared import prepared
from medcover.system.models import AuditEntry
from reports.selection import Period, written
from reports.statistics.events import month_of

#: So long a transaction may take between the moment it was given and its entries.
_TOGETHER = timedelta(minutes=1)


def late(period: Period, hours: int) -> Any:
    """Entries about people who left an event of the period later than `hours` before its start and before its end.

    The rule of `events.rules.waiting.is_drop_out`, asked of the event's times as they are today; each row carries
    `event_start`. Drafts do not count, nor what was put away without being completed or cancelled.
    """
    start, _end = period.bounds
    if hours <= 0 or start is None:
        return AuditEntry.objects.none()
    before = timedelta(hours=hours)
    of_event = Event.objects.filter(pk=OuterRef("event_id")).filter(period.starts()).exclude(status=Status.DRAFT)
    counting = of_event.exclude(Q(is_archived=True) & ~Q(status__in=[Status.CANCELLED, Status.COMPLETED]))
    left = AuditEntry.objects.filter(
        content_type__app_label=Assignment._meta.app_label,
        content_type__model=Assignment._meta.model_name,
        action=AuditEntry.Action.DELETE,
        timestamp__gt=start - before,
        event_id__isnull=False,
    )
    timed = left.alias(leaver=_LEAVER).annotate(
        event_start=Subquery(counting.values("start")[:1]), event_end=Subquery(counting.values("end")[:1])
    )
    found = timed.filter(timestamp__gt=F("event_start") - before, timestamp__lt=F("event_end"))
    return found.exclude(_is_hand_over()).order_by()


#: Whose duty an entry is about, as it was written down.
_LEAVER = KeyTextTransform("0", KeyTransform("person", "changes"))


def _is_hand_over() -> Exists:
    """SQL condition on an entry: somebody took this duty over, so no place became empty; both are written together.

    Somebody else who leaves the event in the same minute has dropped out.
    """
    taken_over = HandOver.objects.alias(giver=Cast("person", TextField())).filter(
        event=OuterRef("event_id"),
        giver=OuterRef("leaver"),
        state=HandOverState.ACCEPTED,
        answered_at__lte=OuterRef("timestamp"),
        answered_at__gt=OuterRef("timestamp") - _TOGETHER,
    )
    return Exists(taken_over)


def count_by_month(period: Period, hours: int) -> dict[int, int]:
    """Return how many there were, by the number of the month of the event."""
    return dict(_by_month(period, hours)) if hours > 0 else {}


@prepared()
def _by_month(_parameters: Any, period: Period, hours: int) -> Any:
    return late(written(period), hours).values_list(month_of("event_start")).annotate(Count("pk"))


def events(entries: Any) -> Any:
    """The events that people left."""
    return Event.objects.filter(pk__in=entries.values("event_id")).order_by()
