"""Reads of debriefing: what is expected, what is missing, what may be read by whom."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q

from debriefing.rules import GENTLE_AFTER, LAST_AFTER, NoteStatus
from events.models import Assignment, Event
from events.rules.lifecycle import Status

VIEW_OWN, VIEW_ALL = "debriefing.view_own_debriefing", "debriefing.view_all_debriefings"


class DebriefingQuerySet(models.QuerySet):
    """Debriefings, without anything confidential."""

    def of(self, person: Any) -> DebriefingQuerySet:
        """Those about the duties of one person."""
        return self.filter(assignment__person=person)

    def own_hours(self, assignments: Iterable[Any] | models.QuerySet[Any]) -> dict[int, Decimal]:
        """Return the hours that people gave of these duties, by the key of the duty; of the others there is nothing.

        Where they are given they are what the person has served, whatever the event's own times are.
        """
        rows: Any = self.with_own_hours().filter(assignment__in=assignments)
        return {row.assignment_id: row.attended_hours for row in rows}

    def with_own_hours(self) -> DebriefingQuerySet:
        """Those in which people said how long they were there themselves."""
        return self.filter(Q(own_start__isnull=False) | Q(own_hours__isnull=False))


class ConfidentialAnswersQuerySet(models.QuerySet):
    """Confidential answers; `readable_by` is the only door."""

    def readable_by(self, reader: Any) -> ConfidentialAnswersQuerySet:
        """Answers that the reader may know: all with the right to read everybody's, otherwise their own."""
        if reader.has_perm(VIEW_ALL):
            return self.all()
        if reader.has_perm(VIEW_OWN):
            return self.filter(debriefing__assignment__person=reader.pk)
        return self.none()

    def worth_reading(self) -> ConfidentialAnswersQuerySet:
        """Answers that say that something was unusual."""
        return self.filter(note_status__in=[NoteStatus.DESCRIBED, NoteStatus.LATER])


class DebriefingRequestQuerySet(models.QuerySet):
    """Who was asked."""

    def pending(self) -> DebriefingRequestQuerySet:
        """Those asked who have not answered, about events that are not put away."""
        of_event = {"assignment__event__status": Status.COMPLETED, "assignment__event__is_archived": False}
        return self.filter(assignment__debriefing__isnull=True, **of_event)

    def due_for_gentle_reminder(self, at: datetime) -> DebriefingRequestQuerySet:
        """Those who were asked three days ago and have not been reminded; once the last reminder is due, that one."""
        asked = Q(invited_at__lte=at - GENTLE_AFTER, invited_at__gt=at - LAST_AFTER)
        return self.pending().filter(asked, reminded_at__isnull=True, last_reminded_at__isnull=True)

    def due_for_last_reminder(self, at: datetime) -> DebriefingRequestQuerySet:
        """Those who were asked ten days ago and have not been reminded for the last time."""
        return self.pending().filter(invited_at__lte=at - LAST_AFTER, last_reminded_at__isnull=True)


def expected() -> models.QuerySet[Assignment]:
    """Duties of which there is to be a debriefing: those on completed events."""
    found: models.QuerySet[Assignment] = Assignment.objects.filter(event__status=Status.COMPLETED)
    return found


def pending() -> models.QuerySet[Assignment]:
    """Duties on completed events whose debriefing has not been handed in."""
    return expected().filter(debriefing__isnull=True)


def pending_of(person: Any) -> models.QuerySet[Assignment]:
    """The person's duties that wait for a debriefing, the latest event first; what is put away is left out."""
    found = pending().filter(person=person, event__is_archived=False)
    return found.select_related("event").order_by("-event__start", "-event__pk")


def of_person(person: Any) -> models.QuerySet[Assignment]:
    """All duties of the person that a debriefing is about or is to be about, the latest event first."""
    found = expected().filter(person=person).filter(Q(event__is_archived=False) | Q(debriefing__isnull=False))
    return found.select_related("event", "debriefing").order_by("-event__start", "-event__pk")


def debriefed_events() -> models.QuerySet[Event]:
    """Completed events, the latest first."""
    found: models.QuerySet[Event] = Event.objects.filter(status=Status.COMPLETED).order_by("-start", "-pk")
    return found


def waiting_for_somebody() -> Exists:
    """SQL condition on an event: somebody has not handed in their debriefing."""
    return Exists(pending().filter(event=OuterRef("pk")))


def with_something_to_read(reader: Any) -> Exists:
    """SQL condition on an event: somebody says that something was unusual, as far as the reader may know that."""
    from debriefing.models import ConfidentialAnswers

    noted = ConfidentialAnswers.objects.readable_by(reader).worth_reading()
    return Exists(noted.filter(debriefing__assignment__event=OuterRef("pk")))
