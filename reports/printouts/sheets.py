"""What the sheets of a printout say, as rows of plain values; no file, no query.

Expects events read `with_staffing()`, `with_crew()` and `with_master_and_leader()`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models import Event


@dataclass(frozen=True)
class Column:
    """Heading, and width in characters."""

    title: Promise | str
    width: int


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, columns and rows, and how tall a row is in points (None: as the program likes)."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    row_height: float | None = None


#: Tall enough to sign in.
SIGNING_HEIGHT = 28.0
_ROW_HEIGHT = 18.0

_SIGNING = (
    Column(gettext_lazy("Date"), 12),
    Column(gettext_lazy("Name of the event"), 34),
    Column(gettext_lazy("Name and surname"), 26),
    Column(gettext_lazy("Qualification"), 22),
    Column(gettext_lazy("Description of the position"), 22),
    Column(gettext_lazy("Signature"), 38),
)

_OVERVIEW = (
    Column(gettext_lazy("Date"), 12),
    Column(gettext_lazy("Name of the event"), 34),
    Column(gettext_lazy("Status"), 20),
)

_CONDITIONS = (
    Column(gettext_lazy("Date"), 12),
    Column(gettext_lazy("Name of the event"), 34),
    Column(gettext_lazy("Required qualifications"), 36),
    Column(gettext_lazy("Coverage"), 36),
    Column(gettext_lazy("Participants"), 50),
)


def sheets(events: Sequence[Event]) -> list[Sheet]:
    """Return the sheets of a printout; the one of conditions only when there is something to say on it."""
    made = [signing_sheet(events), overview_sheet(events)]
    by_conditions = [event for event in events if event.by_conditions]
    return [*made, conditions_sheet(by_conditions)] if by_conditions else made


def signing_sheet(events: Iterable[Event]) -> Sheet:
    """One row for every position and every participant, with room for a signature."""
    rows = [row for event in events for row in _signing_rows(event)]
    return Sheet(_("Signatures"), _SIGNING, rows, SIGNING_HEIGHT)


def _signing_rows(event: Event) -> Iterable[Sequence[Any]]:
    head = (_day(event), event.name)
    if event.by_conditions:
        for assignment in event.assignments.all():
            yield *head, assignment.person.name, "", "", ""
        return
    for position in event.positions.all():
        name = position.occupant.name if position.occupant else ""
        demands = ", ".join(row.name for row in position.qualifications.all() if not row.is_deleted)
        yield *head, name, demands, position.description, ""


def overview_sheet(events: Sequence[Event]) -> Sheet:
    """One row for every event, its places side by side."""
    crews = [_names(event) for event in events]
    widest = max((len(names) for names in crews), default=0)
    places = [Column(_("Position %d") % number, 28) for number in range(1, widest + 1)]
    rows = [
        (_day(event), event.name, event.get_status_display(), *names, *[""] * (widest - len(names)))
        for event, names in zip(events, crews, strict=True)
    ]
    return Sheet(_("Overview"), (*_OVERVIEW, *places), rows, _ROW_HEIGHT)


def _names(event: Event) -> list[str]:
    if event.by_conditions:
        return [assignment.person.name for assignment in event.assignments.all()]
    return [position.occupant.name if position.occupant else "" for position in event.positions.all()]


def conditions_sheet(events: Iterable[Event]) -> Sheet:
    """One row for every event staffed by conditions."""
    return Sheet(_("Conditions"), _CONDITIONS, [_conditions_row(event) for event in events])


def _conditions_row(event: Any) -> Sequence[Any]:
    rows = event.staffing.rows
    demanded = ", ".join(f"{row.name} ×{row.minimum}" for row in rows)
    covered = ", ".join(f"{row.name} {row.covered}/{row.minimum}" for row in rows)
    return _day(event), event.name, demanded, covered, ", ".join(_names(event))


def _day(event: Event) -> Any:
    """The local day as a date, so that the sheet can be sorted by it."""
    return event.start.astimezone(timezone.get_current_timezone()).date()
