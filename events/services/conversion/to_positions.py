"""Conversion from conditions to positions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from events.models import Assignment, Event
from events.querysets.staffing import held_on, hierarchy
from events.rules.conversion import Place, places_of, seats_on
from events.rules.coverage import Demand, Hierarchy
from events.rules.staffing import Mode
from events.services.conditions import ConditionsPlan, plan_of
from events.services.positions import PositionPlan, create_positions, refuse_bad_plan
from medcover.system import audit
from roster.models import User


@dataclass(frozen=True)
class ToPositions:
    """Positions in place of conditions, who stands on which, and what conditions said that positions cannot say."""

    target: ClassVar[Mode] = Mode.POSITIONS
    capacity: ClassVar[tuple[int | None, int | None]] = (None, None)

    plans: Sequence[PositionPlan]
    seats: dict[Any, int]  # person → place among the plans
    losses: Sequence[Any]  # sentences

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Equal positions counted together, for reading."""
        counted = Counter((plan.description, plan.is_optional) for plan in self.plans)
        return [
            {"description": description, "is_optional": is_optional, "count": count}
            for (description, is_optional), count in counted.items()
        ]

    def write(self, event: Event, *, by: Any) -> None:
        """Replace the conditions of the locked event and put everybody on it on a position."""
        with audit.trail(by=by):
            for condition in event.conditions.all():
                condition.delete()
        positions = create_positions(event, self.plans, by=by)
        with audit.trail(by=by):
            for assignment in Assignment.objects.filter(event=event).order_by("pk"):
                assignment.position = positions[self.seats[assignment.person_id]]
                assignment.save(update_fields=["position"])


def to_positions(event: Event) -> ToPositions:
    """Foresee it. Raises DomainError when the positions that would come out break a rule."""
    plan, graph = plan_of(event), hierarchy()
    demands = [Demand(row.qualification.pk, row.minimum) for row in plan.rows if not row.qualification.is_deleted]
    places = places_of(demands, plan.minimum, plan.maximum)
    people = list(_crew_of(event))
    seats = seats_on(places, demands, [person.held for person in people], graph)
    extra = [person for person, seat in zip(people, seats, strict=True) if seat is None]
    later = iter(range(len(places), len(places) + len(extra)))
    seated = {person.pk: next(later) if seat is None else seat for person, seat in zip(people, seats, strict=True)}
    plans = _plans([*places, *[Place(is_optional=True)] * len(extra)], plan)
    refuse_bad_plan(plans)
    return ToPositions(plans, seated, list(_losses(plan, plans, extra, graph)))


def _crew_of(event: Event) -> Any:
    """Everybody on the event, earliest sign-up first, with the keys of what they hold on its day."""
    crew = User.objects.filter(assignments__event=event).annotate(held=held_on(event))
    return crew.order_by("assignments__assigned_at", "assignments__id")


def _plans(places: Sequence[Place], plan: ConditionsPlan) -> list[PositionPlan]:
    """Places as the services of positions take them, named by what they demand."""
    rows = {row.qualification.pk: row.qualification for row in plan.rows}
    found = []
    for place in places:
        demanded = [] if place.qualification is None else [rows[place.qualification]]
        found.append(PositionPlan("".join(row.name for row in demanded), place.is_optional, demanded))
    return found


def _losses(
    plan: ConditionsPlan, plans: Sequence[PositionPlan], extra: Sequence[User], graph: Hierarchy
) -> Iterator[Any]:
    """Yield a sentence about everything that positions do not say, and about who is treated specially."""
    groups = {graph.group[row.qualification.pk] for row in plan.rows if not row.qualification.is_deleted}
    if len(groups) > 1:
        yield _("Whoever covered several conditions at once takes one position only.")
    mandatory = sum(not place.is_optional for place in plans)
    if mandatory > plan.minimum:
        words = {"new": mandatory, "old": plan.minimum}
        yield audit.sentence(_("People needed at least: %(new)d in place of %(old)d."), words)
    if len(plans) > plan.maximum:
        words = {"new": len(plans), "old": plan.maximum}
        yield audit.sentence(_("The event will take more people: %(new)d in place of %(old)d."), words)
    if gone := [row.qualification.name for row in plan.rows if row.qualification.is_deleted]:
        yield audit.sentence(_("Conditions for deleted qualifications are dropped: %s."), ", ".join(gone))
    if extra:
        names = ", ".join(person.name for person in extra)
        yield audit.sentence(_("These people fit no other position and get an optional one in addition: %s."), names)
