"""Consumables that need somebody's hand, for whoever keeps the stock: a panel of the dashboard and of the equipment.

Its template is `equipment/consumables/_panel.html`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from equipment.consumables.policies import may_manage
from equipment.consumables.states import ConsumableState, soon, states_of
from equipment.models import Consumable
from medcover.common.prepared import DAY, prepared

#: So many are shown; the rest are behind a link.
SHOWN = 5


@dataclass(frozen=True)
class Attention:
    """The first kinds by name, and whether there are more."""

    states: list[ConsumableState]
    has_more: bool


def for_reader(reader: Any, at: datetime) -> Attention | None:
    """Return what the reader's stock needs; None for whoever does not keep it, and when there is nothing. One query."""
    if not may_manage(reader):
        return None
    found = first(timezone.localdate(at), SHOWN)
    return found if found.states else None


def first(today: date, most: int) -> Attention:
    """Return the first kinds that are low, expire soon or have expired."""
    states = list(states_of(_first(most + 1, today=today, until=soon(today)), today))
    return Attention(states[:most], len(states) > most)


@prepared(today=DAY, until=DAY)
def _first(p: Any, most: int) -> Any:
    """So many kinds that need a hand, by name."""
    return Consumable.objects.needing_attention(p.today, p.until).order_by("name_sort", "pk")[:most]
