"""Every reusable read of the planning, named like a sentence."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from credentials.querysets import holds_for
from events.rules.lifecycle import FINAL, RUNNING, Status
from medcover.common.czech import fold


class MasterEventQuerySet(models.QuerySet):
    """Master events."""

    def not_archived(self) -> MasterEventQuerySet:
        """Master events that events may be put under."""
        return self.filter(is_archived=False)

    def general(self) -> Any:
        """Return the built-in one."""
        return self.get(is_general=True)


def duty_day(start: str = "start") -> TruncDate:
    """SQL expression: the local day on which a duty that begins at `start` is judged."""
    return TruncDate(start, tzinfo=timezone.get_current_timezone())


class EventQuerySet(models.QuerySet):
    """Events."""

    def visible_to(self, user: Any) -> EventQuerySet:
        """Events the person may know about: drafts only with the right to see drafts."""
        if not user.has_perm("events.view_event"):
            return self.none()
        return self if user.has_perm("events.view_draft_event") else self.exclude(status=Status.DRAFT)

    def not_archived(self) -> EventQuerySet:
        """Events that have not been put away."""
        return self.filter(is_archived=False)

    def running(self) -> EventQuerySet:
        """Published and not over: published, open or closed."""
        return self.filter(status__in=RUNNING)

    def not_final(self) -> EventQuerySet:
        """Neither completed nor cancelled; drafts count."""
        return self.exclude(status__in=FINAL)

    def not_ended(self, at: datetime) -> EventQuerySet:
        """Events that end after `at`."""
        return self.filter(end__gt=at)

    def starting_before(self, moment: datetime) -> EventQuerySet:
        """Events that start before `moment`."""
        return self.filter(start__lt=moment)

    def overlapping(self, start: datetime, end: datetime) -> EventQuerySet:
        """Events that share time with [start, end); touching ends do not."""
        return self.filter(start__lt=end, end__gt=start)

    def matching(self, text: str) -> EventQuerySet:
        """Events whose name contains `text`, whatever case and diacritics."""
        return self.filter(name_search__contains=fold(text)) if fold(text) else self

    def with_staffing(self) -> EventQuerySet:
        """Carry the figures that `Event.staffing` is made of."""
        mandatory, optional = Q(positions__is_optional=False), Q(positions__is_optional=True)
        return self.annotate(
            mandatory_total=Count("positions", filter=mandatory),
            mandatory_filled=Count("positions__assignment", filter=mandatory),
            optional_total=Count("positions", filter=optional),
            optional_filled=Count("positions__assignment", filter=optional),
        )

    def with_master_and_leader(self) -> EventQuerySet:
        """Carry what every list shows beside the event itself."""
        return self.select_related("master_event", "responsible_person")

    def with_crew_for(self, viewer: Any) -> EventQuerySet:
        """Carry positions, their qualifications and people, and which places `viewer` could fill."""
        from events.models import Position

        return self.prefetch_related(Prefetch("positions", Position.objects.with_crew().with_fillable_by(viewer)))

    def taken_part_in_by(self, person: Any) -> EventQuerySet:
        """Events the person is signed up for."""
        return self.filter(assignments__person=person)

    def concerning(self, person: Any) -> EventQuerySet:
        """Events the person is signed up for or responsible for."""
        return self.filter(Q(responsible_person=person) | Q(pk__in=person.assignments.values("event")))

    def not_taken_part_in_by(self, person: Any) -> EventQuerySet:
        """Events the person is not signed up for."""
        return self.exclude(pk__in=person.assignments.values("event"))

    def open_for_signing_up(self) -> EventQuerySet:
        """Events that take sign-ups now."""
        return self.not_archived().filter(status=Status.OPEN)

    def joinable_by(self, person: Any) -> EventQuerySet:
        """Events the person could join right now: open, a free place fits them, not on it, not coordinated."""
        from events.models import Position

        if not person.has_perm("events.assign_own"):
            return self.none()
        fitting = Position.objects.free().fillable_by(person).filter(event=OuterRef("pk"))
        found = self.open_for_signing_up().not_taken_part_in_by(person).filter(Exists(fitting))
        if person.has_perm("events.assign_other"):
            return found
        return found.filter(master_event__coordinator__isnull=True)

    def due_to_open(self, at: datetime) -> EventQuerySet:
        """Published events whose opening time has come."""
        return self.not_archived().filter(status=Status.PUBLISHED, signups_open_at__lte=at)

    def due_to_complete(self, at: datetime) -> EventQuerySet:
        """Open or closed events that are over."""
        return self.not_archived().filter(status__in=[Status.OPEN, Status.CLOSED], end__lte=at)

    def short_of_people(self) -> EventQuerySet:
        """Events with a free mandatory position; to be asked after `with_staffing`."""
        return self.filter(mandatory_filled__lt=F("mandatory_total"))

    def without_responsible_person(self) -> EventQuerySet:
        """Running events that nobody leads."""
        return self.not_archived().running().filter(responsible_person__isnull=True)


class PositionQuerySet(models.QuerySet):
    """Positions."""

    def free(self) -> PositionQuerySet:
        """Places nobody stands on."""
        return self.filter(assignment__isnull=True)

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
        return self.select_related("assignment__person").prefetch_related("qualifications")

    def able_to_lead(self) -> PositionQuerySet:
        """Places that demand a qualification whose holders may be responsible person."""
        return self.filter(qualifications__can_lead=True, qualifications__is_deleted=False).distinct()


def _lacking(person: Any) -> Exists:
    """SQL condition on a position: it demands a living qualification that nothing the person holds satisfies."""
    from events.models import Position

    demands = (
        Position.qualifications.through.objects.filter(position=OuterRef("pk"), qualification__is_deleted=False)
        .annotate(duty_day=duty_day("position__event__start"))
        .exclude(holds_for(OuterRef("qualification"), person=person.pk, day=OuterRef("duty_day")))
    )
    return Exists(demands)


def people_able_to_fill(position: Any) -> Any:
    """Return the active people who are qualified for `position` on its day of duty, in order of name."""
    demands = position.qualifications.through.objects.filter(
        position=position.pk, qualification__is_deleted=False
    ).annotate(duty_day=duty_day("position__event__start"))
    missing = demands.exclude(
        holds_for(OuterRef("qualification"), person=OuterRef(OuterRef("pk")), day=OuterRef("duty_day"))
    )
    return get_user_model().objects.active().exclude(Exists(missing)).by_name()


def people_able_to_lead(day: Any) -> Any:
    """Return the people who could be responsible person on `day`: may sign up, hold a leading qualification."""
    from credentials.models import Holding

    leading = Holding.objects.valid_on(day).leading().filter(person=OuterRef("pk"))
    people = get_user_model().objects.holding_permission("events.assign_own")
    return people.filter(Exists(leading))


class AssignmentQuerySet(models.QuerySet):
    """People on events."""

    def of(self, person: Any) -> AssignmentQuerySet:
        """Assignments of one person."""
        return self.filter(person=person)

    def binding(self) -> AssignmentQuerySet:
        """Assignments that take the person's time: event not archived, completed or cancelled; drafts count."""
        return self.filter(event__is_archived=False).exclude(event__status__in=FINAL)

    def clashing_with(self, event: Any) -> AssignmentQuerySet:
        """Binding assignments on other events that share time with `event`."""
        return self.binding().exclude(event=event.pk).filter(event__start__lt=event.end, event__end__gt=event.start)

    def in_order_of_signing_up(self) -> AssignmentQuerySet:
        """Earliest first."""
        return self.order_by("assigned_at", "id")
