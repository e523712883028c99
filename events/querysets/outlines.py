"""Rows of events without their model: hundreds of events are looked at to choose some, or to draw a calendar.

Making an instance of a model with forty columns takes several times as long as reading what decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models.query import QuerySet, ValuesListIterable

from events.rules.staffing import Mode, PositionStaffing, Staffing

if TYPE_CHECKING:
    from events.querysets.staffing import ConditionsRead
    from events.rules.joining import Crew
    from events.rules.readiness import Readiness


class StaffedRow:
    """What a row of an event answers about its staffing by its own columns, whichever way it was read."""

    #: What `staffing.attach` has read of an event staffed by conditions.
    conditions_read: ConditionsRead | None = None

    @property
    def by_conditions(self) -> bool:
        """The demand for people is described by conditions, not by positions."""
        return bool(self.staffing_mode == Mode.CONDITIONS)  # type: ignore[attr-defined]

    @property
    def has_free_position(self) -> bool:
        """Somebody could still be put on a position that no offer holds; false of events staffed by conditions."""
        row: Any = self
        taken = row.mandatory_filled + row.optional_filled + row.held_places
        return bool(row.mandatory_total + row.optional_total > taken)

    def position_staffing(self) -> PositionStaffing:
        """Figures of an event staffed by positions."""
        return PositionStaffing(**{name: getattr(self, name) for name in PositionStaffing.__annotations__})


class Outline(StaffedRow):
    """An event as it was chosen or drawn by: the columns that were read stand under their names."""

    pk: int

    def __init__(self, columns: Iterable[tuple[str, Any]]) -> None:
        self.__dict__.update(columns)

    @property
    def staffing(self) -> Staffing:
        """Figures of the staffing; of an event staffed by conditions after `staffing.attach`."""
        return self._read.figures if self.by_conditions else self.position_staffing()

    @property
    def crew(self) -> Crew:
        """The people against the conditions; as `staffing`."""
        return self._read.crew

    @property
    def _read(self) -> ConditionsRead:
        if self.conditions_read is None:
            raise TypeError("Nothing was read about the crew of this event.")
        return self.conditions_read


class Leader(NamedTuple):
    """The responsible person, as far as a row shows them."""

    name: str


class Master(NamedTuple):
    """The master event, as far as a row shows it and the rules of signing up ask about it."""

    name: str
    is_general: bool
    is_coordinated: bool


class ListedEvent(Outline):
    """An event as rows of lists and lines of panels show it; read only.

    It is no `Event`: rights that a person has on a single event are not known of it.
    """

    #: Set by `readiness.attach`; stays None for what is not to take place, or not any more.
    readiness: Readiness | None = None

    #: Columns beside those of an outline.
    COLUMNS = (
        "name", "kind", "is_paid", "address", "contact", "leader_name", "master_name", "master_is_general",
        "is_coordinated",
    )  # fmt: skip

    leader_name: str | None
    master_name: str
    master_is_general: bool
    is_coordinated: bool

    @property
    def responsible_person(self) -> Leader | None:
        """Who leads the event, None when nobody does."""
        return None if self.leader_name is None else Leader(self.leader_name)

    @property
    def master_event(self) -> Master:
        """The master event."""
        return Master(self.master_name, self.master_is_general, self.is_coordinated)


class OutlineIterable(ValuesListIterable):
    """Rows of `values_list` as outlines."""

    row_class: type[Outline] = Outline

    def __iter__(self) -> Iterator[Outline]:
        """Yield them."""
        names = self.queryset._fields  # type: ignore[attr-defined] # noqa: SLF001 - as Django's own iterables do
        for row in super().__iter__():
            yield self.row_class(zip(names, row, strict=True))


class ListedIterable(OutlineIterable):
    """Rows of `values_list` as listed events."""

    row_class = ListedEvent


def outlines_of(
    events: QuerySet[Any], *columns: str, iterable: type[OutlineIterable] = OutlineIterable
) -> QuerySet[Any]:
    """Return the events as outlines with these columns and annotations."""
    found = events.values_list(*columns)
    found._iterable_class = iterable  # noqa: SLF001 - there is no other way to it
    return found
