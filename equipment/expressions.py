"""SQL expressions of equipment plans."""

from __future__ import annotations

from typing import Any

from django.db.models import Func, IntegerField

from events.rules.lifecycle import FINAL

_ENDED = ", ".join(f"'{status.value}'" for status in sorted(FINAL))

#: A row for each moment at which a counting event begins or ends to need something: the type, and how much of it is
#: needed from then on. Half-open: what ends at a moment is given back before what begins at it is taken.
STEPS = f"""
SELECT plan.type_id, SUM(step.quantity) OVER (
    {{partition}} ORDER BY step.at, step.quantity ROWS UNBOUNDED PRECEDING
) AS load
FROM equipment_eventplan plan
JOIN events_event event ON event.id = plan.event_id
CROSS JOIN LATERAL (VALUES (event.start, plan.quantity), (event."end", -plan.quantity)) AS step (at, quantity)
WHERE NOT event.is_archived AND event.status NOT IN ({_ENDED})
"""  # noqa: S608


class PeakLoad(Func):
    """The greatest number of items of a type that other events need at one moment within a half-open span.

    Takes the type, the key of the event that does not count, the start and the end. Events that began before the span
    are all still under way at its start, so that adding up from their own starts finds the same greatest load.
    """

    output_field = IntegerField()

    def as_sql(self, compiler: Any, connection: Any, **_extra: Any) -> tuple[str, tuple[Any, ...]]:  # type: ignore[override]
        """Return the subselect with its parameters."""
        parts = [compiler.compile(source) for source in self.get_source_expressions()]
        (kind, _), (event, _), (start, _), (end, _) = parts
        others = f'plan.type_id = {kind} AND event.id <> {event} AND event."end" > {start} AND event.start < {end}'
        steps = f"{STEPS.format(partition='')} AND {others}"
        sql = f"(SELECT COALESCE(MAX(steps.load), 0)::integer FROM ({steps}) AS steps)"  # noqa: S608
        return sql, tuple(value for _sql, params in parts for value in params)
