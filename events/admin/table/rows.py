"""Rows of the table manager: a line for every kind of position, one for an event staffed by conditions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from django.utils import timezone
from django.utils.translation import gettext as _

from events import policies
from events.models import Event, Position
from events.rules.lifecycle import Status, Transition

#: So many pastel colours tell kinds of positions apart.
COLOURS = 8

#: The moves that the table offers: onwards only, never back.
ONWARDS = ("publish", "open")


@dataclass(frozen=True)
class Line:
    """Positions of one kind: what they demand, and the places themselves, in the order in which they were made."""

    key: str  # keys of the demanded qualifications, "0" for none
    label: str
    positions: Sequence[Position] = ()

    @property
    def colour(self) -> int:
        """The same kind has the same colour everywhere, also when one event is drawn anew."""
        return crc32(self.key.encode()) % COLOURS + 1


@dataclass(frozen=True)
class Row:
    """One event of the table."""

    event: Event
    lines: list[Line]
    may_edit: bool
    may_manage: bool
    onwards: Transition | None
    may_clone: bool = False
    may_archive: bool = False
    is_touched: bool = field(default=False)

    @property
    def order(self) -> str:
        """Sorts by local day, name and start; the script sorts the rows by it after a change."""
        start = timezone.localtime(self.event.start)
        return f"{start:%Y-%m-%d}|{self.event.name_sort}|{start:%H:%M}"

    @property
    def day(self) -> str:
        """The local day, by which rows are set apart."""
        return f"{timezone.localtime(self.event.start):%Y-%m-%d}"

    @property
    def places(self) -> int:
        """The widest line."""
        return max((len(line.positions) for line in self.lines), default=0)


def events_for(reader: Any, master_id: int) -> Any:
    """Return the events of the table with all that a row reads; a fixed number of queries."""
    found = Event.objects.visible_to(reader).filter(master_event=master_id)
    return found.with_staffing().with_crew().with_master_and_leader()


def rows(events: Iterable[Event], reader: Any, *, touched: int | None = None) -> list[Row]:
    """Return the rows in their order."""
    return sorted((_row(event, reader, touched) for event in events), key=lambda row: row.order)


def _row(event: Event, reader: Any, touched: int | None) -> Row:
    return Row(
        event=event,
        lines=list(_lines(event)),
        may_edit=policies.may_edit(reader, event),
        may_manage=not event.is_archived and not event.is_final and policies.may_manage_crew(reader, event),
        onwards=_onwards(event, reader),
        may_clone=reader.has_perm("events.add_event") and not event.master_event.is_archived,
        may_archive=event.status == Status.DRAFT and policies.may_archive(reader, event),
        is_touched=event.pk == touched,
    )


def _onwards(event: Event, reader: Any) -> Transition | None:
    if event.status not in (Status.DRAFT, Status.PUBLISHED):
        return None
    moves = policies.permitted_transitions(reader, event)
    return next((move for move in moves if move.code in ONWARDS), None)


def _lines(event: Event) -> Iterator[Line]:
    if event.by_conditions:
        yield Line("conditions", "")
        return
    kinds: dict[str, list[Position]] = {}
    labels: dict[str, str] = {}
    for position in sorted(event.positions.all(), key=lambda row: row.pk):
        demanded = sorted(position.qualifications.all(), key=lambda row: row.pk)
        key = "-".join(str(row.pk) for row in demanded) or "0"
        kinds.setdefault(key, []).append(position)
        labels[key] = ", ".join(row.name for row in demanded) or _("for anyone")
    found = [Line(key, labels[key], positions) for key, positions in kinds.items()]
    # An event without positions has a line, too, or nobody could give it any.
    yield from sorted(found, key=lambda line: line.label) or [Line("0", _("for anyone"))]
