"""Conversion from positions to conditions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from credentials.models import Qualification
from events.models import Event, Position
from events.querysets.staffing import hierarchy
from events.rules.conversion import demands_of, needed
from events.rules.coverage import Hierarchy
from events.rules.staffing import Mode
from events.services.conditions import Condition, ConditionsPlan, create_conditions, refuse_bad_conditions
from medcover.system import audit


@dataclass(frozen=True)
class ToConditions:
    """Capacity and conditions in place of positions, and what those said that conditions cannot say."""

    target: ClassVar[Mode] = Mode.CONDITIONS

    plan: ConditionsPlan
    losses: Sequence[Any]  # sentences

    @property
    def capacity(self) -> tuple[int | None, int | None]:
        """Minimum and maximum of the event."""
        return self.plan.minimum, self.plan.maximum

    def write(self, event: Event, *, by: Any) -> None:
        """Take people off their positions but not off the locked event, and replace the positions."""
        with audit.trail(by=by):
            for assignment in event.assignments.filter(position__isnull=False):
                assignment.position = None
                assignment.save(update_fields=["position"])
            for position in event.positions.select_for_update().order_by("pk"):
                position.delete()
        create_conditions(event, self.plan, by=by)


def to_conditions(event: Event) -> ToConditions:
    """Foresee it. Raises DomainError when the conditions that would come out break a rule."""
    positions, graph = list(event.positions.with_crew()), hierarchy()
    mandatory = [position for position in positions if not position.is_optional]
    rows = {row.pk: row for position in mandatory for row in position.qualifications.all()}
    demands = demands_of([_keys(position) for position in mandatory], graph)
    conditions = [Condition(rows[demand.qualification], demand.minimum) for demand in demands]
    plan = ConditionsPlan(len(mandatory), len(positions), conditions)
    refuse_bad_conditions(plan)
    return ToConditions(plan, list(_losses(positions, graph)))


def _keys(position: Position) -> list[int]:
    return [row.pk for row in position.qualifications.all()]


def _losses(positions: Sequence[Position], graph: Hierarchy) -> Iterator[Any]:
    """Yield a sentence about everything that conditions do not say."""
    if described := _listed(position.description for position in positions):
        yield audit.sentence(_("The descriptions of positions are lost: %s."), described)
    if standing := _listed(f"{row.occupant.name} – {row}" for row in positions if row.occupant):
        yield audit.sentence(_("Everybody stays signed up, but no longer for a position: %s."), standing)
    for position in positions:
        yield from _lost_demands(position, graph)
    gone = {row.name for position in positions for row in position.qualifications.all() if row.is_deleted}
    if gone:
        yield audit.sentence(_("Deleted qualifications are demanded no more: %s."), _listed(sorted(gone)))


def _lost_demands(position: Position, graph: Hierarchy) -> Iterator[Any]:
    wanted = [row for row in position.qualifications.all() if row.pk in needed(_keys(position), graph)]
    words = {"position": str(position), "qualifications": _names(wanted)}
    if position.is_optional and wanted:
        yield audit.sentence(
            _("The optional position “%(position)s” demanded %(qualifications)s; anybody may take its seat."), words
        )
    elif len(wanted) > 1:
        yield audit.sentence(
            _(
                "The position “%(position)s” wanted one person with all of this: %(qualifications)s. "
                "Several people together will do."
            ),
            words,
        )


def _names(rows: Iterable[Qualification]) -> str:
    return _listed(row.name for row in rows)


def _listed(names: Iterable[str]) -> str:
    """Return the names that are not empty, each once."""
    return ", ".join(dict.fromkeys(name for name in names if name))
