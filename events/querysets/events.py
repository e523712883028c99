"""Queryset of events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Case, Count, Exists, ExpressionWrapper, F, OuterRef, Prefetch, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.db.models.query import ModelIterable
from django.utils import timezone

from events import readiness
from events.querysets import staffing
from events.querysets.expressions import called_off, truth_of
from events.querysets.outlines import ListedEvent, ListedIterable, outlines_of
from events.rules.lifecycle import FINAL, RUNNING, Status
from events.rules.staffing import Mode
from medcover.common.czech import fold
from medcover.common.db import any_of
from medcover.common.intervals import day_bounds

#: What decides about an event without being shown: enough to choose it, and to work out its staffing.
_OUTLINE = (
    "pk", "status", "is_archived", "start", "end", "responsible_person_id", "staffing_mode", "min_participants",
    "max_participants", "mandatory_total", "mandatory_filled", "optional_total", "optional_filled", "held_places",
    "participant_count",
)  # fmt: skip


class EventQuerySet(models.QuerySet):
    """Events."""

    _carries_staffing = False
    _ready_at: datetime | None = None

    def _clone(self) -> EventQuerySet:
        clone: EventQuerySet = super()._clone()  # type: ignore[misc]
        clone._carries_staffing = self._carries_staffing
        clone._ready_at = self._ready_at
        return clone

    def _fetch_all(self) -> None:
        """Complete the rows by what SQL cannot work out, once, as prefetching does."""
        fresh = self._result_cache is None
        super()._fetch_all()
        if not fresh or self._iterable_class is not ModelIterable:
            return
        if self._carries_staffing:
            staffing.attach(self._result_cache or [])
        if self._ready_at is not None:
            readiness.attach(self._result_cache or [], self._ready_at)

    def visible_to(self, user: Any) -> EventQuerySet:
        """Events the person may know about: drafts only with the right to see drafts."""
        with_drafts = sees_drafts(user)
        return self.none() if with_drafts is None else self.visible(with_drafts=with_drafts)

    def visible(self, *, with_drafts: bool) -> EventQuerySet:
        """Events that whoever sees events may know about."""
        return self if with_drafts else self.exclude(status=Status.DRAFT)

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

    def coming(self, at: datetime, until: datetime) -> EventQuerySet:
        """Events that are not over at `at` and start before `until`.

        Most events that start before some moment are over for years. The server, which plans for any moments, has to
        look for ends; that it might look for starts, too, is hidden from it.
        """
        shifted = ExpressionWrapper(F("start") + Value(timedelta()), output_field=models.DateTimeField())
        return self.not_ended(at).alias(shifted_start=shifted).filter(shifted_start__lt=until)

    def starting_on(self, first: date, last: date) -> EventQuerySet:
        """Events that start on a local day from `first` up to and including `last`."""
        zone = timezone.get_current_timezone()
        return self.filter(start__gte=day_bounds(first, zone)[0], start__lt=day_bounds(last, zone)[1])

    def on_paper(self) -> EventQuerySet:
        """Events that printouts are made of: no drafts, nothing archived."""
        return self.not_archived().exclude(status=Status.DRAFT)

    def printable(self) -> EventQuerySet:
        """Events for a printout, with all that it shows, in order of start."""
        return self.on_paper().with_staffing().with_crew().with_master_and_leader().order_by("start", "pk")

    def overlapping(self, start: datetime, end: datetime) -> EventQuerySet:
        """Events that share time with [start, end); touching ends do not."""
        return self.filter(start__lt=end, end__gt=start)

    def matching(self, text: str) -> EventQuerySet:
        """Events whose name contains `text`, whatever case and diacritics."""
        return self.filter(name_search__contains=fold(text)) if fold(text) else self

    def with_staffing(self) -> EventQuerySet:
        """Carry `Event.staffing`, in both modes, and `needed_people` to sort by."""
        carrying = self.annotate(needed_people=Coalesce("min_participants", "mandatory_total"))
        carrying._carries_staffing = True  # noqa: SLF001 (a clone of ourselves)
        return carrying

    def with_readiness(self, at: datetime) -> EventQuerySet:
        """Carry `readiness`: whether the event can take place as planned, seen at `at`, and what stands against it."""
        judged = self.all() if self._carries_staffing else self.with_staffing()
        judged._ready_at = at  # noqa: SLF001 (a clone of ourselves)
        return judged

    def with_master_and_leader(self) -> EventQuerySet:
        """Carry what every list shows beside the event itself."""
        return self.select_related("master_event", "responsible_person")

    def with_crew_for(self, viewer: Any) -> EventQuerySet:
        """Carry positions, their qualifications and people, which places `viewer` could fill, which are held."""
        from events.models import Position

        places = Position.objects.with_crew().with_fillable_by(viewer).with_offers_to_others_than(viewer)
        return self.prefetch_related(Prefetch("positions", places))

    def with_part_of(self, person: Any) -> EventQuerySet:
        """Carry the person's part: `is_mine`, whether they are signed up, `my_position`, the description of their
        place, and `my_holdings`, the keys of what they hold on the event's day.
        """
        mine = _duties_of(person).filter(event=OuterRef("pk"))
        return self.annotate(
            is_mine=Exists(mine),
            my_position=Subquery(mine.values("position__description")[:1]),
            my_holdings=staffing.held_on_duty_by(person),
        )

    def with_outline_for(self, person: Any) -> models.QuerySet:
        """Read outlines: what events are chosen by.

        They carry besides `is_coordinated`, and of the person `is_mine`, `fitting_position` (the key of a free position
        that fits them) and `my_holdings`; the last two where sign-ups are open only.
        """
        is_open = Q(status=Status.OPEN)
        fitting = When(is_open & _has_free_position(), then=_fitting_position(person))
        held = When(is_open & Q(staffing_mode=Mode.CONDITIONS), then=staffing.held_on_duty_by(person))
        carrying = self.annotate(
            is_coordinated=truth_of(Q(master_event__coordinator__isnull=False)),
            is_mine=Exists(_duties_of(person).filter(event=OuterRef("pk"))),
            fitting_position=Case(fitting, default=Value(None)),
            my_holdings=Case(held, default=Value(None)),
        )
        return outlines_of(carrying, *_OUTLINE, "is_coordinated", "is_mine", "fitting_position", "my_holdings")

    def with_row_for(self, person: Any) -> models.QuerySet:
        """Read what a row of a list shows, with the person's part as `with_part_of`."""
        carrying = self.with_part_of(person).annotate(
            leader_name=F("responsible_person__name"),
            master_name=F("master_event__name"),
            master_is_general=F("master_event__is_general"),
            is_coordinated=truth_of(Q(master_event__coordinator__isnull=False)),
        )
        mine = "is_mine", "my_position", "my_holdings"
        return outlines_of(carrying, *_OUTLINE, *ListedEvent.COLUMNS, *mine, iterable=ListedIterable)

    def with_entry_for(self, person: Any) -> models.QuerySet:
        """Read outlines with what an entry of a calendar shows.

        They carry besides `leader_name` and `master_name`, empty for the general one, and of the person `is_mine`,
        `fitting_position` (the key of a free position that fits them, whatever the status) and `my_holdings`, which
        matter to conditions alone.
        """
        special = When(master_event__is_general=False, then=F("master_event__name"))
        by_conditions = When(staffing_mode=Mode.CONDITIONS, then=staffing.held_on_duty_by(person))
        carrying = self.annotate(
            leader_name=F("responsible_person__name"),
            master_name=Case(special, default=Value("")),
            is_mine=Exists(_duties_of(person).filter(event=OuterRef("pk"))),
            fitting_position=Case(When(_has_free_position(), then=_fitting_position(person)), default=Value(None)),
            my_holdings=Case(by_conditions, default=Value(None)),
        )
        shown = "name", "kind", "leader_name", "master_name"
        return outlines_of(carrying, *_OUTLINE, *shown, "is_mine", "fitting_position", "my_holdings")

    def with_feed_entry(self) -> EventQuerySet:
        """Load only what an entry of a feed shows, and `leader_name`; everything else would be read anew."""
        return self.only(*_OUTLINE, "name", "address", "description", "updated", "version").annotate(
            leader_name=F("responsible_person__name")
        )

    def with_crew(self) -> EventQuerySet:
        """Carry positions with their qualifications and people, and everybody who is signed up."""
        from events.models import Assignment, Position

        people = Assignment.objects.select_related("person").in_order_of_signing_up()
        return self.prefetch_related(
            Prefetch("positions", Position.objects.with_crew()), Prefetch("assignments", people)
        )

    def announced(self) -> EventQuerySet:
        """Events that everybody is told about: no drafts, nothing cancelled or archived."""
        return self.filter(_announced())

    def in_calendars(self, at: datetime) -> EventQuerySet:
        """Events for a calendar that people subscribe to: those announced, and cancelled ones that would still come.

        A calendar that has got an event takes it away for sure only when it is told that it is cancelled.
        """
        return self.filter(_announced() | called_off("", at))

    def taken_part_in_by(self, person: Any) -> EventQuerySet:
        """Events the person is signed up for."""
        return self.filter(assignments__person=person)

    def concerning(self, person: Any) -> EventQuerySet:
        """Events the person is signed up for or responsible for."""
        return self.filter(Q(responsible_person=person) | Q(pk__in=person.assignments.values("event")))

    def not_taken_part_in_by(self, person: Any) -> EventQuerySet:
        """Events the person is not signed up for."""
        return self.exclude(pk__in=_duties_of(person).values("event"))

    def open_for_signing_up(self) -> EventQuerySet:
        """Events that take sign-ups now."""
        return self.not_archived().filter(status=Status.OPEN)

    def joinable_by(self, person: Any) -> EventQuerySet:
        """Events the person could join right now: open, not on it, not coordinated, and either a free position fits
        them or the capacity has a seat for them.
        """
        from events.querysets.pages import joinable_keys

        return self.filter(pk__in=any_of(joinable_keys(person)))

    def not_coordinated(self) -> EventQuerySet:
        """Events on which people place themselves."""
        return self.filter(master_event__coordinator__isnull=True)

    def by_conditions(self) -> EventQuerySet:
        """Events staffed by conditions."""
        return self.filter(staffing_mode=Mode.CONDITIONS)

    def due_to_open(self, at: datetime) -> EventQuerySet:
        """Published events that are not over and whose opening time has come; an empty one means "at once"."""
        come = Q(signups_open_at__isnull=True) | Q(signups_open_at__lte=at)
        return self.not_archived().not_ended(at).filter(come, status=Status.PUBLISHED)

    def due_to_complete(self, at: datetime) -> EventQuerySet:
        """Open or closed events that are over."""
        return self.not_archived().filter(status__in=[Status.OPEN, Status.CLOSED], end__lte=at)

    def short_of_people(self) -> EventQuerySet:
        """Events with a free mandatory position, or with conditions unmet; to be asked after `with_staffing`."""
        return self.filter(_lacks_mandatory() | Q(pk__in=self._unmet()))

    def _unmet(self) -> list[int]:
        """Keys of those staffed by conditions that lack people; a missing leader is a worry of its own."""
        return [event.pk for event in self.by_conditions().order_by().with_staffing() if event.staffing.is_short]

    def statistics(self) -> dict[str, int]:
        """Count by what became of the events: `total`, `completed`, `running`, `cancelled`, and apart `archived`.

        What was put away is counted apart, except for cancelled events, which are always put away.
        """
        living = Q(is_archived=False)
        return self.order_by().aggregate(
            total=Count("pk", filter=living | Q(status=Status.CANCELLED)),
            completed=Count("pk", filter=living & Q(status=Status.COMPLETED)),
            running=Count("pk", filter=living & Q(status__in=RUNNING)),
            cancelled=Count("pk", filter=Q(status=Status.CANCELLED)),
            archived=Count("pk", filter=Q(is_archived=True) & ~Q(status=Status.CANCELLED)),
        )

    def without_responsible_person(self) -> EventQuerySet:
        """Running events that nobody leads."""
        return self.not_archived().running().filter(responsible_person__isnull=True)

    def demanding(self, qualifications: Iterable[int]) -> EventQuerySet:
        """Events that demand one of the qualifications, at a position or as a condition."""
        keys = list(qualifications)
        by_position, by_condition = Q(positions__qualifications__in=keys), Q(conditions__qualification__in=keys)
        return self.filter(by_position | by_condition).distinct()


def sees_drafts(user: Any) -> bool | None:
    """Say whether the person may know about drafts, too; None where they may know about no event at all."""
    return bool(user.has_perm("events.view_draft_event")) if user.has_perm("events.view_event") else None


def _duties_of(person: Any) -> Any:
    from events.models import Assignment

    return Assignment.objects.of(person).order_by()


def _announced() -> Q:
    return Q(is_archived=False) & ~Q(status__in=[Status.DRAFT, Status.CANCELLED])


def _has_free_position() -> Q:
    """A position is free by the figures; false of events staffed by conditions, which have none."""
    taken = F("mandatory_filled") + F("optional_filled") + F("held_places")
    return Q(mandatory_total__gt=taken - F("optional_total"))


def _fitting_position(person: Any) -> Subquery:
    """SQL expression on an event: the key of a free position that fits the person, or None.

    Asked event by event, of those that can have one: as a plain EXISTS the database would rather read all positions
    that there ever were.
    """
    from events.models import Position

    fitting = Position.objects.free().fillable_by(person).filter(event=OuterRef("pk")).order_by()
    return Subquery(fitting.values("pk")[:1])


def _lacks_mandatory() -> Q:
    """A mandatory position is free; false of events staffed by conditions, which have none."""
    return Q(mandatory_filled__lt=F("mandatory_total"))
