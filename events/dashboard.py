"""Dashboard of one reader: which of the coming events stand in which panel; reads only.

All panels are chosen from one lean reading of the reader's horizon, in which conditions are worked out once. Only the
events that a panel really shows are then read with everything that their lines say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from events import readiness
from events.models import Event
from events.querysets import staffing
from events.querysets.events import sees_drafts
from events.querysets.pages import attach_free_places, read_rows
from events.rules.lifecycle import RUNNING, Status
from medcover.common.prepared import MOMENT, UUID, prepared

#: An event without a responsible person is everybody's worry this long before it starts.
LEADERLESS_DAYS = 7
#: So many lines a panel shows at first, and at the most; whoever needs more has the list.
FIRST_ROWS, PANEL_ROWS = 8, 50


@dataclass(frozen=True)
class Panel:
    """Events in order of start: those shown, and how many there are."""

    name: str
    events: list[Any]
    total: int

    @property
    def is_folded(self) -> bool:
        """More could be shown on demand."""
        return len(self.events) < min(self.total, PANEL_ROWS)

    @property
    def folded(self) -> int:
        """How many more could be shown."""
        return min(self.total, PANEL_ROWS) - len(self.events)


@dataclass(frozen=True)
class Openings(Panel):
    """Events that take sign-ups: those where the reader helps, or with `shows_all` those with a free place."""

    with_place: int = 0
    helping: int = 0
    shows_all: bool = False


@dataclass(frozen=True)
class Dashboard:
    """The panels; without the right to sign up there is none of openings."""

    mine: Panel
    leaderless: Panel
    attention: Panel
    openings: Openings | None


@staffing.staffing_read_once()
def read_dashboard(reader: Any, at: datetime, *, unfolded: str = "", all_openings: bool = False) -> Dashboard:
    """Read the panels of the reader as of `at`; the panel named `unfolded` in full.

    A fixed number of queries, however many events there are.
    """
    until = at + timedelta(days=reader.dashboard_horizon)
    horizon = _Horizon(reader, at, until)
    chosen = horizon.mine(), horizon.leaderless(), horizon.attention()
    mine, leaderless, attention = [
        _panel(name, rows, unfolded) for name, rows in zip(("mine", "leaderless", "attention"), chosen, strict=True)
    ]
    openings = horizon.openings(unfolded, shows_all=all_openings) if reader.has_perm("events.assign_own") else None
    found = Dashboard(mine, leaderless, attention, openings)
    _complete([panel for panel in (mine, leaderless, attention, openings) if panel is not None], reader, at)
    return found


def _panel(name: str, rows: Sequence[Any], unfolded: str) -> Panel:
    return Panel(name, _shown(name, rows, unfolded), len(rows))


def _shown(name: str, rows: Sequence[Any], unfolded: str) -> list[Any]:
    return list(rows[: PANEL_ROWS if name == unfolded else FIRST_ROWS])


class _Horizon:
    """The coming events as far as the panels are chosen by them, in order of start."""

    def __init__(self, reader: Any, at: datetime, until: datetime) -> None:
        self.reader, self.at, self.until = reader, at, until
        self.soon = at + timedelta(days=LEADERLESS_DAYS)
        self.watches = reader.has_perm("events.publish_event") or reader.has_perm("events.open_signups")
        self.signs_up = reader.has_perm("events.assign_own")
        self.places_others = reader.has_perm("events.assign_other")
        self.events = self._read()
        self._within = [event for event in self.events if event.start < until]

    def _read(self) -> list[Any]:
        with_drafts = sees_drafts(self.reader)
        if with_drafts is None:
            return []
        until = max(self.until, self.soon) if self.watches else self.until
        found = _outlines(with_drafts, reader=self.reader.pk, at=self.at, until=until)
        staffing.attach([event for event in found if self._concerns(event)])
        return found

    def _concerns(self, event: Any) -> bool:
        """Whether the staffing of the event decides about a panel."""
        return event.is_mine or self.watches or self._takes(event)

    def _takes(self, event: Any) -> bool:
        """Whether the event takes sign-ups from the reader, were there a place for them."""
        is_offered = event.status == Status.OPEN and not event.is_mine
        return self.signs_up and is_offered and (self.places_others or not event.is_coordinated)

    def mine(self) -> list[Any]:
        """Duties of the reader and events that they lead."""
        wanted = [event for event in self._within if event.is_mine or event.responsible_person_id == self.reader.pk]
        return [event for event in wanted if event.status != Status.CANCELLED]

    def leaderless(self) -> list[Any]:
        """Running events of the next days that nobody leads."""
        if not self.watches:
            return []
        running = [event for event in self.events if event.status in RUNNING and event.start < self.soon]
        return [event for event in running if event.responsible_person_id is None]

    def attention(self) -> list[Any]:
        """Events that are not offered to people yet, or lack somebody."""
        return [event for event in self._within if _needs_attention(event)] if self.watches else []

    def openings(self, unfolded: str, *, shows_all: bool) -> Openings:
        """Events with a place for somebody; those where the reader helps are known."""
        taking = [event for event in self._within if self._takes(event)]
        with_place = [event for event in taking if event.has_free_position or staffing.has_seat_for(self.reader, event)]
        helping = [event for event in with_place if event.fitting_position or (event.by_conditions and _helps(event))]
        shown = with_place if shows_all else helping
        rows = _shown("openings", shown, unfolded)
        return Openings("openings", rows, len(shown), len(with_place), len(helping), shows_all)


@prepared(reader=UUID, at=MOMENT, until=MOMENT)
def _outlines(p: Any, with_drafts: bool) -> Any:
    """Events between two moments as far as panels are chosen by them."""
    coming = Event.objects.visible(with_drafts=with_drafts).not_archived().coming(p.at, p.until)
    return coming.with_outline_for(p.reader).order_by("start", "pk")


def _needs_attention(event: Any) -> bool:
    if event.status in (Status.DRAFT, Status.PUBLISHED):
        return True
    if event.by_conditions:
        return event.status in RUNNING and not event.staffing.is_sufficient
    return bool(event.status == Status.OPEN and event.staffing.is_short)


def _helps(event: Any) -> bool:
    """Say whether the reader would help: the least number of people, a condition or the lead is missing."""
    if event.staffing.missing or event.crew.is_helped_by(event.my_holdings):
        return True
    leads = not event.crew.hierarchy.leading.isdisjoint(event.my_holdings)
    return bool(leads and not event.staffing.leader_is_valid)


def _complete(panels: Sequence[Panel], reader: Any, at: datetime) -> None:
    """Put in the place of each outline the event with all that its line says."""
    keys = {event.pk for panel in panels for event in panel.events}
    rows = {event.pk: event for event in read_rows(keys, reader)}
    for panel in panels:
        # An event may have been deleted since the outlines were read.
        panel.events[:] = [rows[event.pk] for event in panel.events if event.pk in rows]
        if isinstance(panel, Openings):
            attach_free_places(panel.events, reader)
    watched = {event.pk: event for panel in panels if not isinstance(panel, Openings) for event in panel.events}
    readiness.attach(list(watched.values()), at)
