"""Qualified people: who could fill a position of an event or lead it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q, Value

from credentials.querysets import holds_for
from events.querysets.expressions import duty_day, truth_of


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


def people_to_choose_from(position: Any, *, rest: timedelta, everyone: bool = False) -> Any:
    """Return who could be put on `position`: qualified people not on its event yet, or all active ones.

    Those whom no other duty keeps come first, then in order of name. Carries `is_busy`, `is_qualified`.
    """
    able = people_able_to_fill(position).order_by()
    people = get_user_model().objects.active() if everyone else able
    qualified = truth_of(Q(pk__in=able.values("pk"))) if everyone else Value(True)
    return not_on(position.event, people, rest=rest).annotate(is_qualified=qualified)


def not_on(event: Any, people: Any, *, rest: timedelta) -> Any:
    """Those of the people who are not on the event yet; carries `is_busy` and puts the busy ones last, each by name.

    Busy are those whom another duty keeps at the time, or does not leave so much `rest`.
    """
    from events.models import Assignment

    duties = Assignment.objects.clashing_with(event, rest=rest).filter(person=OuterRef("pk"))
    others = people.exclude(pk__in=event.assignments.values("person"))
    return others.annotate(is_busy=Exists(duties)).order_by("is_busy", "name_sort", "id")
