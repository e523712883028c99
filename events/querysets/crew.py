"""Querysets of positions and assignments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import DateTimeField, DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, Window
from django.db.models.functions import Lead

from credentials.querysets import holds_for
from events.querysets.expressions import called_off, duty_day
from events.querysets.waiting import held_until, is_held
from events.rules.lifecycle import FINAL, RUNNING, Status
from medcover.common.intervals import widened

#: No reminder comes earlier before a duty than this.
LONGEST_LEAD = timedelta(hours=168, minutes=1)

#: Duties may follow each other at once.
NO_REST = timedelta(0)


class PositionQuerySet(models.QuerySet):
    """Positions."""

    def free(self) -> PositionQuerySet:
        """Places that whoever fits can take: nobody stands on them, and no open offer holds them."""
        return self.unoccupied().exclude(is_held())

    def unoccupied(self) -> PositionQuerySet:
        """Places nobody stands on, held for somebody or not."""
        return self.filter(assignment__isnull=True)

    def with_offers_to_others_than(self, person: Any) -> PositionQuerySet:
        """Carry `held_until`: until when the place is offered to somebody else, or None."""
        return self.annotate(held_until=held_until(unless_for=person))

    def with_occupation(self) -> PositionQuerySet:
        """Carry `occupied_by`: the key of the assignment to the place, or None."""
        return self.annotate(occupied_by=F("assignment"))

    def mandatory(self) -> PositionQuerySet:
        """Places that must be filled."""
        return self.filter(is_optional=False)

    def fillable_by(self, person: Any) -> PositionQuerySet:
        """Places for which the person is qualified on the day of duty."""
        return self.exclude(_lacking(person))

    def with_fillable_by(self, person: Any) -> PositionQuerySet:
        """Carry `is_fillable`: whether the person is qualified on the day of duty."""
        return self.annotate(is_fillable=~_lacking(person))

    def with_crew(self) -> PositionQuerySet:
        """Carry the person on each place and the qualifications it demands."""
        return self.with_people().prefetch_related("qualifications")

    def with_people(self) -> PositionQuerySet:
        """Carry the person on each place."""
        return self.select_related("assignment__person")

    def able_to_lead(self) -> PositionQuerySet:
        """Places that demand a qualification whose holders may be responsible person."""
        return self.filter(qualifications__can_lead=True, qualifications__is_deleted=False).distinct()


def _lacking(person: Any) -> Exists:
    """SQL condition on a position: it demands a living qualification that nothing the person holds satisfies."""
    from events.models import Position

    demands = (
        Position.qualifications.through.objects.filter(position=OuterRef("pk"), qualification__is_deleted=False)
        .annotate(duty_day=duty_day("position__event__start"))
        .exclude(holds_for(OuterRef("qualification"), person=person, day=OuterRef("duty_day")))
    )
    return Exists(demands)


class AssignmentQuerySet(models.QuerySet):
    """People on events."""

    def of(self, person: Any) -> AssignmentQuerySet:
        """Assignments of one person."""
        return self.filter(person=person)

    def binding(self) -> AssignmentQuerySet:
        """Assignments that take the person's time: event not archived, completed or cancelled; drafts count."""
        return self.filter(_binding())

    def in_calendars(self, at: datetime) -> AssignmentQuerySet:
        """Assignments for the calendar that their person subscribes to: binding, or cancelled but still to come."""
        return self.filter(_binding() | called_off("event__", at))

    def clashing_with(self, event: Any, *, rest: timedelta = NO_REST) -> AssignmentQuerySet:
        """Binding assignments on other events that share time with `event`, or leave less than `rest` beside it."""
        start, end = widened(event.start, event.end, by=rest)
        return self.binding_between(start, end).exclude(event=event.pk)

    def binding_between(self, start: Any, end: Any) -> AssignmentQuerySet:
        """Binding assignments on events that share time with [start, end)."""
        return self.binding().filter(event__start__lt=end, event__end__gt=start)

    def overlapping_pairs(
        self, *, at: datetime, statuses: Iterable[Status], rest: timedelta = NO_REST
    ) -> AssignmentQuerySet:
        """Pairs of one person's duties that share time or leave less than `rest` between them, each pair once.

        Both are still to end and in one of `statuses`. The row's own event begins first; the other one is carried as
        `other_id`, `other_name`, `other_start`. Of each person all duties have to be asked, or none.
        """
        statuses, other = list(statuses), "person__assignments__event__"
        coming = self.filter(event__is_archived=False, event__status__in=statuses, event__end__gt=at)
        # One call of filter(), so that all conditions speak of the same other assignment.
        begins_later = Q(**{f"{other}start__gt": F("event__start")})
        begins_with = Q(**{f"{other}start": F("event__start"), f"{other}pk__gt": F("event__pk")})
        pairs = coming.filter(person__in=coming.people_with_less_between(rest)).filter(
            begins_later | begins_with,
            Q(**{f"{other}start__lt": F("event__end") + rest, f"{other}end__gt": at}),
            Q(**{f"{other}is_archived": False, f"{other}status__in": statuses}),
        )
        carried = {f"other_{name}": F(f"{other}{name}") for name in ("id", "name", "start")}
        found: AssignmentQuerySet = pairs.annotate(**carried).order_by("event__start", "pk", "other_id")
        return found.select_related("event", "person")

    def people_with_less_between(self, rest: timedelta) -> Any:
        """Keys of people of whose duties here one begins less than `rest` after the end of the one before it.

        Whoever has two that are too near each other has two such neighbours, and those are found in one pass, while
        pairs are looked for among everything that somebody has ever served.
        """
        order = [F("event__start"), F("event__pk")]
        following = self.annotate(next_start=Window(Lead("event__start"), partition_by=F("person"), order_by=order))
        return following.filter(next_start__lt=F("event__end") + rest).order_by().values("person")

    def due_for_reminder(self, at: datetime) -> AssignmentQuerySet:
        """Duties that begin within their person's lead time and of which nobody has told the person since it began.

        Whoever signed up within that time knows. An event that was moved to a later day is reminded of once more.
        """
        lead = ExpressionWrapper(F("person__reminder_hours") * timedelta(hours=1), output_field=DurationField())
        begun = ExpressionWrapper(F("event__start") - lead, output_field=DateTimeField())
        coming = self.filter(event__is_archived=False, event__status__in=RUNNING, event__start__gt=at)
        within = coming.filter(event__start__lt=at + LONGEST_LEAD).alias(lead_begun=begun)
        told_before = Q(reminded_at__isnull=True) | Q(reminded_at__lt=F("lead_begun"))
        return within.filter(told_before, lead_begun__lte=at, assigned_at__lt=F("lead_begun"), person__is_active=True)

    def upcoming(self, at: datetime) -> AssignmentQuerySet:
        """Duties that begin at `at` or later, except on cancelled and archived events."""
        return self.filter(event__start__gte=at, event__is_archived=False).exclude(event__status=Status.CANCELLED)

    def served(self) -> AssignmentQuerySet:
        """Duties on completed events; archived ones count, what was served stays served."""
        return self.filter(event__status=Status.COMPLETED)

    def on_paid_events(self) -> AssignmentQuerySet:
        """Duties that the organiser pays for."""
        return self.filter(event__is_paid=True)

    def starting_between(self, start: datetime, end: datetime) -> AssignmentQuerySet:
        """Duties whose event starts in [start, end); to this time the whole of it belongs."""
        return self.filter(event__start__gte=start, event__start__lt=end)

    def in_order_of_duty(self) -> AssignmentQuerySet:
        """The next duty first, with event and position at hand."""
        return self.select_related("event", "position").order_by("event__start", "event__pk")

    def in_order_of_signing_up(self) -> AssignmentQuerySet:
        """Earliest first."""
        return self.order_by("assigned_at", "id")


def _binding() -> Q:
    return Q(event__is_archived=False) & ~Q(event__status__in=FINAL)
