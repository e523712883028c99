"""Who could stand where: reads of people from the point of view of an event."""

from __future__ import annotations

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


def people_to_choose_from(position: Any, *, everyone: bool = False) -> Any:
    """Return who could be put on `position`: qualified people not on its event yet, or all active ones.

    Those without a duty at the same time come first, then in order of name. Carries `has_clash`, `is_qualified`.
    """
    from events.models import Assignment

    able = people_able_to_fill(position).order_by()
    people = get_user_model().objects.active() if everyone else able
    clashing = Assignment.objects.clashing_with(position.event).filter(person=OuterRef("pk"))
    on_event = position.event.assignments.values("person")
    qualified = truth_of(Q(pk__in=able.values("pk"))) if everyone else Value(True)
    return (
        people.exclude(pk__in=on_event)
        .annotate(has_clash=Exists(clashing), is_qualified=qualified)
        .order_by("has_clash", "name_sort", "id")
    )
