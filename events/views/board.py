"""Crew of an event as one reader sees it: who is on it, what is free, what the reader may do and why not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.functional import Promise

from events import policies
from events.models import Event, Position
from events.querysets.conflicts import conflicts_of
from events.querysets.pages import read_event
from events.rules import eligibility
from events.rules.conflicts import Conflicts
from events.rules.eligibility import Facts
from events.rules.lifecycle import Transition, label_for
from events.views.management import Management, management_of
from events.views.part import WaitingPart, read_part
from medcover.common import formats

#: Element of the page on which the reader signs up and off where an event has no positions.
SEAT = "seat"


def element_of(position: Position) -> str:
    """Return the element of the page that shows the position."""
    return f"place-{position.pk}"


@dataclass(frozen=True)
class Place:
    """One position. `refusal` says why the reader cannot take it; empty when they can, or when somebody has it."""

    position: Position
    is_mine: bool
    may_claim: bool
    refusal: str

    @property
    def element(self) -> str:
        """The element of the page that shows it."""
        return element_of(self.position)


@dataclass(frozen=True)
class Move:
    """A change of status that the reader may make, with the words on its button."""

    transition: Transition
    label: Promise | str


@dataclass(frozen=True)
class Board:
    """Crew, places and moves of an event: everything that changes while its page is open.

    `places` are empty where an event is staffed by conditions; there everybody on it is in `event.participants`.
    """

    event: Event
    places: list[Place]
    moves: list[Move]
    is_mine: bool  # the reader is on the event
    refusal: str = ""  # why the reader can join nowhere on this event
    refusal_to_leave: str = ""
    management: Management = field(default_factory=Management)
    conflicts: Conflicts = field(default_factory=Conflicts)  # other duties of the reader that are too near
    waiting: WaitingPart = field(default_factory=WaitingPart)
    may_message: bool = False  # the reader may write to those on the event

    @property
    def may_join(self) -> bool:
        """The reader may take a seat of an event staffed by conditions."""
        return self.event.by_conditions and not self.refusal

    @property
    def simple_moves(self) -> list[Move]:
        """The moves without consequences that need a question first."""
        return [move for move in self.moves if not move.transition.consequence]

    @property
    def moves_to_confirm(self) -> list[Move]:
        """The moves that are asked about before they are made."""
        return [move for move in self.moves if move.transition.consequence]


def read_board(pk: int, reader: Any, *, rest: timedelta) -> Board:
    """Read the event afresh with its crew; a fixed number of queries, however many places and people.

    `rest` is what the site wants between two duties. An event that the reader may not know about is answered like
    one that does not exist.
    """
    event = read_event(pk, reader, at=timezone.now())
    if event is None:
        raise Http404
    facts = policies.crew_facts(reader, event, on_event=event.is_mine)
    places = [_place(position, reader, facts) for position in event.positions.all()]
    return Board(
        event=event,
        places=places,
        moves=[Move(move, label_for(move, event.status)) for move in policies.permitted_transitions(reader, event)],
        is_mine=event.is_mine,
        refusal=_refusal(event, reader, facts),
        refusal_to_leave=_first(eligibility.objections(eligibility.TO_LEAVE, facts)),
        management=management_of(event, reader),
        may_message=policies.may_message(reader, event),
        conflicts=Conflicts() if event.is_final else conflicts_of(reader, event, rest=rest),
        waiting=read_part(event, reader, facts, has_place=any(place.may_claim for place in places)),
    )


def _refusal(event: Any, reader: Any, facts: Facts) -> str:
    if event.by_conditions:
        return _first(eligibility.objections(eligibility.TO_JOIN, policies.seat_facts(reader, event)))
    return _first(eligibility.objections(eligibility.TO_JOIN_SOMEWHERE, facts))


def _place(position: Any, reader: Any, facts: Facts) -> Place:
    occupant = position.occupant
    here = replace(
        facts,
        position_free=occupant is None,
        is_qualified=position.is_fillable,
        held_until=_in_words(position.held_until),
    )
    objections = eligibility.objections(eligibility.TO_JOIN, here)
    return Place(
        position=position,
        is_mine=occupant == reader,
        may_claim=not objections,
        refusal="" if occupant else _first(objections),
    )


def _in_words(moment: datetime | None) -> str:
    return formats.date_time(moment, timezone.get_current_timezone()) if moment else ""


def _first(objections: Iterable[Promise | str]) -> str:
    return str(next(iter(objections), ""))


def signups_have_opened(event: Event, at: datetime) -> bool:
    """Say whether the opening time, if there is one, has passed."""
    return event.signups_open_at is not None and event.signups_open_at <= at
