"""What an import would do with each row: plain values to be shown before anything is done."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from events.importing.doubts import Doubt
from events.importing.records import SheetEvent, SheetPerson
from events.models import Event
from events.services.season import recognition
from events.services.season.events import Plan
from roster.models import User


class Fate(TextChoices):
    """What becomes of a person of the season."""

    KNOWN_BY_NAME = "known_by_name", _("Exists (name)")
    KNOWN_BY_ADDRESS = "known_by_address", _("Exists (e-mail)")
    NEW = "new", _("New account")
    NONE = "none", _("No account")


@dataclass(frozen=True)
class PersonLine:
    """One person; `number` counts from 1 in the season. Without an account there is an obstacle among the doubts."""

    number: int
    row: SheetPerson
    selected: bool
    fate: Fate
    account: User | None
    changes: list[recognition.Change]
    """Qualifications that are given and taken."""
    doubts: list[str]

    @property
    def known(self) -> bool:
        """There is an account already."""
        return self.fate in (Fate.KNOWN_BY_NAME, Fate.KNOWN_BY_ADDRESS)

    @property
    def editable(self) -> bool:
        """Whoever is recognised by name is only shown; an address may have been typed by mistake."""
        return self.fate != Fate.KNOWN_BY_NAME

    @property
    def change_words(self) -> str:
        """The changes as "+Zdravotník, −Zelenáč"."""
        return recognition.words_of(self.changes)


@dataclass(frozen=True)
class EventLine:
    """One event; `number` counts from 1 in the season."""

    number: int
    row: SheetEvent
    selected: bool
    exists: bool
    """Of this name on this day there is one already, or one in an earlier row: the row is passed over."""
    plan: Plan
    doubts: list[str]

    @property
    def event(self) -> Event:
        """The event as it would be; not stored."""
        return self.plan.event

    @property
    def leader(self) -> User | None:
        """Whom the import would take for the responsible person, able to lead or not."""
        return self.plan.crew.leader

    @property
    def leader_is_new(self) -> bool:
        """The responsible person has no account before the import."""
        return self.leader is not None and bool(self.leader._state.adding)  # noqa: SLF001 - Django's own word for it

    @property
    def filled(self) -> int:
        """How many places would have somebody."""
        return sum(place.person is not None for place in self.plan.crew.places)


@dataclass(frozen=True)
class Forecast:
    """All rows, and how many of what there would be."""

    events: list[EventLine]
    people: list[PersonLine]
    objections: list[str] = field(default_factory=list)
    """Why the import as a whole is not possible."""
    loose: list[Doubt] = field(default_factory=list)
    """What was remarked while the source was read, and belongs to none of these rows."""

    @property
    def selected_events(self) -> list[EventLine]:
        """Events that are to be imported, those that exist already included."""
        return [line for line in self.events if line.selected]

    @property
    def selected_people(self) -> list[PersonLine]:
        """People that are to be imported."""
        return [line for line in self.people if line.selected]

    @property
    def fresh_events(self) -> int:
        """How many events would be created."""
        return sum(not line.exists for line in self.selected_events)

    @property
    def existing_events(self) -> int:
        """How many selected events exist already."""
        return sum(line.exists for line in self.selected_events)

    @property
    def fresh_people(self) -> int:
        """How many accounts would be created."""
        return sum(line.fate == Fate.NEW for line in self.selected_people)

    @property
    def known_people(self) -> int:
        """How many selected people have an account."""
        return sum(line.known for line in self.selected_people)

    @property
    def requalified(self) -> int:
        """How many known people would hold other qualifications."""
        return sum(line.known and bool(line.changes) for line in self.selected_people)

    @property
    def warnings(self) -> int:
        """How many doubts the selected rows hold."""
        of_events = sum(len(line.doubts) for line in self.selected_events)
        return of_events + sum(len(line.doubts) for line in self.selected_people)

    @property
    def is_possible(self) -> bool:
        """The import would be let through and would write something."""
        return not self.objections and bool(self.fresh_events or self.fresh_people or self.requalified)


@dataclass(frozen=True)
class Deselected:
    """Numbers of rows, from 1, that are not to be imported."""

    events: frozenset[int] = frozenset()
    people: frozenset[int] = frozenset()


#: Nothing is deselected.
EVERYTHING = Deselected()
