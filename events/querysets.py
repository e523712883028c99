"""Every reusable read of the planning, named like a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    Value,
    Window,
)
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

    def matching(self, text: str) -> MasterEventQuerySet:
        """Master events whose name contains `text`, whatever case and diacritics."""
        return self.filter(name_search__contains=fold(text)) if fold(text) else self

    def general(self) -> Any:
        """Return the built-in one."""
        return self.get(is_general=True)


def _truth_of(condition: Q) -> ExpressionWrapper:
    return ExpressionWrapper(condition, output_field=BooleanField())


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

    def with_part_of(self, person: Any) -> EventQuerySet:
        """Carry `is_mine` and `my_position`: whether the person is signed up, and the description of their place."""
        mine = person.assignments.filter(event=OuterRef("pk"))
        return self.annotate(is_mine=Exists(mine), my_position=Subquery(mine.values("position__description")[:1]))

    def with_free_places_for(self, viewer: Any) -> EventQuerySet:
        """Carry `free_places`, mandatory ones first, then by description, and which of them `viewer` could fill."""
        from events.models import Position

        free = Position.objects.free().with_fillable_by(viewer).order_by("is_optional", "description", "pk")
        return self.prefetch_related(Prefetch("positions", free, to_attr="free_places"))

    def with_crew(self) -> EventQuerySet:
        """Carry positions with their qualifications and people, and everybody who is signed up."""
        from events.models import Assignment, Position

        people = Assignment.objects.select_related("person").in_order_of_signing_up()
        return self.prefetch_related(
            Prefetch("positions", Position.objects.with_crew()), Prefetch("assignments", people)
        )

    def announced(self) -> EventQuerySet:
        """Events that everybody is told about: no drafts, nothing cancelled or archived."""
        return self.not_archived().exclude(status__in=[Status.DRAFT, Status.CANCELLED])

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
        """Published events that are not over and whose opening time has come; an empty one means "at once"."""
        come = Q(signups_open_at__isnull=True) | Q(signups_open_at__lte=at)
        return self.not_archived().not_ended(at).filter(come, status=Status.PUBLISHED)

    def due_to_complete(self, at: datetime) -> EventQuerySet:
        """Open or closed events that are over."""
        return self.not_archived().filter(status__in=[Status.OPEN, Status.CLOSED], end__lte=at)

    def short_of_people(self) -> EventQuerySet:
        """Events with a free mandatory position; to be asked after `with_staffing`."""
        return self.filter(mandatory_filled__lt=F("mandatory_total"))

    def with_free_place(self) -> EventQuerySet:
        """Events with a place that nobody stands on, whomever it would fit."""
        from events.models import Position

        return self.filter(Exists(Position.objects.free().filter(event=OuterRef("pk"))))

    def with_help_counted(self, person: Any) -> EventQuerySet:
        """Carry `helps`, whether the person could join, and for the whole set `total` and `helping`, the counts."""
        from events.models import Event

        helps = Exists(Event.objects.joinable_by(person).filter(pk=OuterRef("pk")))
        counted = self.annotate(helps=helps)
        return counted.annotate(total=Window(Count("*")), helping=Window(Count("pk", filter=Q(helps=True))))

    def with_worries(self, *, leaderless_before: datetime, until: datetime) -> EventQuerySet:
        """Events a coordinator has to look at, with the reasons; to be asked after `with_staffing`.

        `lacks_leader`: running, nobody leads it, starts before `leaderless_before`. `needs_attention`: starts
        before `until` and is not offered to people yet, or takes sign-ups and lacks somebody mandatory.
        """
        leaderless = Q(status__in=RUNNING, responsible_person__isnull=True, start__lt=leaderless_before)
        short = Q(status=Status.OPEN, mandatory_filled__lt=F("mandatory_total"))
        worrying = Q(start__lt=until) & (Q(status__in=[Status.DRAFT, Status.PUBLISHED]) | short)
        marked = self.annotate(lacks_leader=_truth_of(leaderless), needs_attention=_truth_of(worrying))
        return marked.filter(Q(lacks_leader=True) | Q(needs_attention=True))

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


def people_to_choose_from(position: Any, *, everyone: bool = False) -> Any:
    """Return who could be put on `position`: qualified people not on its event yet, or all active ones.

    Those without a duty at the same time come first, then in order of name. Carries `has_clash`, `is_qualified`.
    """
    from events.models import Assignment

    able = people_able_to_fill(position).order_by()
    people = get_user_model().objects.active() if everyone else able
    clashing = Assignment.objects.clashing_with(position.event).filter(person=OuterRef("pk"))
    on_event = position.event.assignments.values("person")
    qualified = _truth_of(Q(pk__in=able.values("pk"))) if everyone else Value(True)
    return (
        people.exclude(pk__in=on_event)
        .annotate(has_clash=Exists(clashing), is_qualified=qualified)
        .order_by("has_clash", "name_sort", "id")
    )


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

    def overlapping_pairs(self, *, at: datetime, statuses: Iterable[Status]) -> AssignmentQuerySet:
        """Pairs of one person's duties that share time, both still to end and in one of `statuses`, each pair once.

        The row's own event begins first; the other one is carried as `other_id`, `other_name`, `other_start`.
        """
        # One call of filter(), so that all conditions speak of the same other assignment.
        statuses, other = list(statuses), "person__assignments__event__"
        begins_later = Q(**{f"{other}start__gt": F("event__start")})
        begins_with = Q(**{f"{other}start": F("event__start"), f"{other}pk__gt": F("event__pk")})
        pairs = self.filter(event__is_archived=False, event__status__in=statuses, event__end__gt=at).filter(
            begins_later | begins_with,
            Q(**{f"{other}start__lt": F("event__end"), f"{other}end__gt": at}),
            Q(**{f"{other}is_archived": False, f"{other}status__in": statuses}),
        )
        carried = {f"other_{name}": F(f"{other}{name}") for name in ("id", "name", "start")}
        found: AssignmentQuerySet = pairs.annotate(**carried).order_by("event__start", "pk", "other_id")
        return found.select_related("event", "person")

    def upcoming(self, at: datetime) -> AssignmentQuerySet:
        """Duties that begin at `at` or later, except on cancelled and archived events."""
        return self.filter(event__start__gte=at, event__is_archived=False).exclude(event__status=Status.CANCELLED)

    def in_order_of_duty(self) -> AssignmentQuerySet:
        """The next duty first, with event and position at hand."""
        return self.select_related("event", "position").order_by("event__start", "event__pk")

    def in_order_of_signing_up(self) -> AssignmentQuerySet:
        """Earliest first."""
        return self.order_by("assigned_at", "id")
