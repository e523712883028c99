"""SQL expressions of equipment plans: how many items of a type events need at one moment."""

from __future__ import annotations

from typing import Any

from django.db.models import Func, IntegerField, Subquery

from events.rules.lifecycle import FINAL

_ENDED = ", ".join(f"'{status.value}'" for status in sorted(FINAL))

#: A row for each moment at which a counting event begins or ends to need something: the type, and how much of it is
#: needed from then on. Half-open: all that ends and begins at a moment is settled before it is counted (the frame of a
#: window takes in everything at the same moment), so what is given back there is free for what begins there.
_STEPS = f"""
SELECT plan.type_id, step.at, SUM(step.quantity) OVER (PARTITION BY plan.type_id ORDER BY step.at)::integer AS load
FROM equipment_eventplan plan
JOIN events_event event ON event.id = plan.event_id
CROSS JOIN LATERAL (VALUES (event.start, plan.quantity), (event."end", -plan.quantity)) AS step (at, quantity)
WHERE NOT event.is_archived AND event.status NOT IN ({_ENDED}) AND {{where}}
"""  # noqa: S608

_PEAK = "COALESCE(MAX(load), 0)"

Sql = tuple[str, tuple[Any, ...]]


class _Load(Func):
    """A subselect over the steps. Its arguments stand in the SQL in their order, each once."""

    output_field = IntegerField()

    def as_sql(self, compiler: Any, connection: Any, **_extra: Any) -> Sql:  # type: ignore[override]
        """Return the subselect with its parameters."""
        parts = [compiler.compile(source) for source in self.get_source_expressions()]
        return self.subselect(*(sql for sql, _params in parts)), tuple(one for _sql, params in parts for one in params)

    def subselect(self, *arguments: str) -> str:
        """Return the SQL."""
        raise NotImplementedError


class LoadOfOthers(_Load):
    """The greatest number of items of a type that other events need at one moment within a half-open span.

    Takes the type, the key of the event that does not count, the start and the end. Events that began before the span
    are all still under way at its start, so that adding up from their own starts finds the same greatest load.
    """

    def subselect(self, *arguments: str) -> str:
        """Ask about one type."""
        kind, event, start, end = arguments
        where = f'plan.type_id = {kind} AND event.id <> {event} AND event."end" > {start} AND event.start < {end}'
        return f"(SELECT {_PEAK} FROM ({_STEPS.format(where=where)}) AS steps)"  # noqa: S608


class PeakOfType(_Load):
    """The greatest number of items of a type that events need at one moment, of those that share time with a span.

    Takes the start, the end and the type. Worked out for all types at once, however many are asked about.
    """

    def subselect(self, *arguments: str) -> str:
        """Ask about all types together."""
        start, end, kind = arguments
        peaks = f"SELECT type_id, MAX(load) AS load FROM ({_within(start, end)}) AS steps GROUP BY type_id"  # noqa: S608
        return f"(WITH peaks AS MATERIALIZED ({peaks}) SELECT load FROM peaks WHERE type_id = {kind})"  # noqa: S608


class PeakDuring(_Load):
    """The greatest number of items of a type that events need at one moment between two others.

    Takes a span that covers all that is asked about, the type, and the two moments. Worked out once for all rows.
    """

    def subselect(self, *arguments: str) -> str:
        """Ask about all moments together."""
        start, end, kind, since, until = arguments
        found = f"SELECT {_PEAK} FROM steps WHERE type_id = {kind} AND at >= {since} AND at < {until}"  # noqa: S608
        return f"(WITH steps AS MATERIALIZED ({_within(start, end)}) {found})"


class CountOfType(Subquery):
    """What a query of types and numbers says of the type that is asked about. Worked out for all types at once."""

    template = (
        "(WITH counted (type_id, n) AS MATERIALIZED (%(subquery)s)"
        ' SELECT n FROM counted WHERE type_id = "equipment_equipmenttype"."id")'
    )
    output_field = IntegerField()


def _within(start: str, end: str) -> str:
    # As `EventQuerySet.coming`: what is over must not be looked through.
    return _STEPS.format(where=f"event.\"end\" > {start} AND event.start + interval '0' < {end}")
