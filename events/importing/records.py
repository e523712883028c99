"""What an import reads, before anything is matched with the database.

Texts are tidied (one line, no invisible characters) but spelled as their author spelled them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from events.importing.doubts import Doubt

# As long as the fields that will hold them.
NAME_LENGTH = 255
CONTACT_LENGTH = 255
ADDRESS_LENGTH = 500
EMAIL_LENGTH = 255

# A year outside is a slip of the keyboard, and near the ends of the calendar no zone can be reckoned.
YEARS = range(2000, 2101)


@dataclass(frozen=True, kw_only=True)
class SheetEvent:
    """One event. Times are local; an end that is not after the start belongs to the next day."""

    row: int
    name: str
    """Unique within the season, at most 255 characters."""
    day: date
    start_time: time | None
    end_time: time | None
    location: str
    contact_person: str
    responsible_person: str
    """A name as written, or empty."""
    description: str
    paid: bool
    time_missing: bool
    """The start is unknown: such an event gets no positions."""
    cancelled: bool
    signups: tuple[str, ...]
    """Names as written, each person once, without the responsible person."""
    leader: UUID | None = None
    """The account chosen by hand as the responsible person; then the name is only what it is called."""
    master: int | None = None
    """The master event chosen by hand for this event alone."""

    @property
    def crew(self) -> tuple[str, ...]:
        """Everybody named on the event, the responsible person first."""
        return (self.responsible_person, *self.signups) if self.responsible_person else self.signups


@dataclass(frozen=True, kw_only=True)
class SheetPerson:
    """One person who takes part in the season. Without a row in the list of people only the name is known."""

    row: int | None
    gs_name: str
    """The name as events write it."""
    name: str
    email: str
    """Lower case, or empty."""
    phone: str
    is_medic: bool | None
    """None: the source does not say, so nothing may be taken from a person who is already known."""
    is_driver: bool | None
    is_archived: bool = False
    """Chosen by hand: the person has left, and a new account is put away at once."""


@dataclass(frozen=True, kw_only=True)
class Season:
    """Everything that one source holds."""

    events: tuple[SheetEvent, ...]
    people: tuple[SheetPerson, ...]
    skipped: tuple[Doubt, ...]
    """Rows left out, in the order of the source."""
    doubts: tuple[Doubt, ...]
    """Rows read with a doubt, in the order of the source."""
