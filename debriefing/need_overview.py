"""Needs as whoever plans sees them: by event, equal ones of several people together; never who wrote them.

A fixed number of queries, however many events and needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import Sum

from debriefing import need_rules
from debriefing.models import Need, UsedMaterial
from debriefing.need_querysets import still_to_be_in_stock
from debriefing.need_rules import Kind, State, Traits, asked_for, best_template, left_to_book, words_of
from equipment.models import Consumable, Movement
from events.models import Event, EventTemplate
from medcover.common.czech import fold


@dataclass
class Group:
    """The same need of several people of one event; its rows are settled together."""

    rows: list[Need]
    #: Pieces of its consumable that debriefings of the event speak of, and that the stock has as used there.
    written: int = 0
    booked: int = 0

    @property
    def first(self) -> Need:
        """One of them, for what is the same in all."""
        return self.rows[0]

    @property
    def quantity(self) -> int:
        """How much is asked for altogether."""
        return asked_for(self.first.kind, [(row.debriefing_id, row.quantity) for row in self.rows])

    @property
    def voices(self) -> int:
        """How many people ask for it."""
        return len({row.debriefing_id for row in self.rows})

    @property
    def query(self) -> str:
        """The keys of its rows as parameters of an address."""
        return urlencode([("need", row.pk) for row in self.rows])

    @property
    def words(self) -> list[str]:
        """What they say it is for, each thing once."""
        return list(dict.fromkeys(row.words for row in self.rows if row.words))

    @property
    def is_open(self) -> bool:
        """Nobody has settled it."""
        return self.first.state == State.OPEN

    @property
    def is_dismissed(self) -> bool:
        """It was put aside, which can be taken back."""
        return self.first.state == State.DISMISSED

    @property
    def consumable(self) -> Consumable | None:
        """The kind of the stock that it is about, as far as that is known."""
        return self.first.material.consumable if self.first.material else None

    @property
    def left(self) -> int:
        """How much is to be taken out of stock; of what the stock does not know, all of it."""
        return min(self.quantity, left_to_book(self.written, self.booked)) if self.consumable else self.quantity


@dataclass
class EventNeeds:
    """An event with the needs of its people, and the template that fits it best."""

    event: Event
    groups: list[Group] = field(default_factory=list)
    template: EventTemplate | None = None


def grouped(needs: Iterable[Need]) -> list[Group]:
    """Put needs of one event together that are the same and were settled together, in the order of kinds and names."""
    found: dict[Any, Group] = {}
    for need in needs:
        key = (need.group, need.state, need.settled_at)
        found.setdefault(key, Group([])).rows.append(need)
    order = list(Kind)
    return sorted(found.values(), key=lambda group: (order.index(Kind(group.first.kind)), fold(group.first.subject)))


def by_event(events: Sequence[Event], needs: Any) -> list[EventNeeds]:
    """Return events in their order, each with those of `needs` that are about it."""
    found = {event.pk: EventNeeds(event) for event in events}
    rows: dict[int, list[Need]] = {key: [] for key in found}
    for need in needs.filter(debriefing__assignment__event__in=list(found)).with_names().order_by("pk"):
        rows[need.debriefing.assignment.event_id].append(need)
    for key, entry in found.items():
        entry.groups = grouped(rows[key])
    _add_stock(found)
    return list(found.values())


def _add_stock(found: dict[int, EventNeeds]) -> None:
    """Tell the groups of known consumables what is written of them, and what is booked."""
    pairs = [(key, group) for key, entry in found.items() for group in entry.groups if group.consumable]
    if not pairs:
        return
    events, kinds = {key for key, _group in pairs}, {group.consumable.pk for _key, group in pairs if group.consumable}
    written, booked = _written(events, kinds), _booked(events, kinds)
    for key, group in pairs:
        about = (key, group.consumable.pk if group.consumable else 0)
        group.written, group.booked = written.get(about, 0), booked.get(about, 0)


def _written(events: set[int], kinds: set[int]) -> dict[tuple[int, int], int]:
    rows = UsedMaterial.objects.filter(debriefing__assignment__event__in=events, consumable__in=kinds)
    rows = rows.filter(still_to_be_in_stock()).order_by()
    summed = rows.values_list("debriefing__assignment__event", "consumable").annotate(total=Sum("quantity"))
    return {(event, kind): total for event, kind, total in summed}


def _booked(events: set[int], kinds: set[int]) -> dict[tuple[int, int], int]:
    rows = Movement.objects.used_on_any(events).filter(lot__consumable__in=kinds).order_by()
    summed = rows.values_list("event", "lot__consumable").annotate(total=Sum("quantity"))
    return {(event, kind): -total for event, kind, total in summed}


# --- templates ------------------------------------------------------------------------------------------


def choose_templates(entries: Iterable[EventNeeds]) -> list[EventTemplate]:
    """Return all templates by name, and choose for each event the one that is most like it."""
    templates = list(EventTemplate.objects.order_by("name_sort", "pk"))
    known = [(row.pk, Traits(row.kind, row.staffing_mode, words_of(row.name_search))) for row in templates]
    by_key = {row.pk: row for row in templates}
    for entry in entries:
        best = best_template(_traits(entry.event), known)
        entry.template = None if best is None else by_key[best]
    return templates


def _traits(event: Event) -> Traits:
    words = need_rules.words_of(fold(event.name), fold(event.master_event.name))
    return Traits(event.kind, event.staffing_mode, words)
