"""How a kind of consumable stands, for every page: how much there is, and what expires."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from equipment.consumables.rules import SOON_DAYS, Stock, stock_of
from equipment.models import Consumable


@dataclass(frozen=True)
class ConsumableState:
    """What is to be said of a kind today; `nearest_expiry` is of what may still be used."""

    consumable: Consumable
    stock: int
    expired: int
    nearest_expiry: date | None
    today: date

    @property
    def level(self) -> str:
        """Name of the level of the stock, for templates: none, low or enough."""
        return stock_of(self.stock, self.consumable.minimum).name.lower()

    @property
    def is_expiring(self) -> bool:
        """Something that may be used today will not be used up in time unless somebody hurries."""
        return self.nearest_expiry is not None and self.nearest_expiry <= soon(self.today)

    @property
    def is_short(self) -> bool:
        """There is less than there should be."""
        return self.stock < self.consumable.minimum

    @property
    def is_in_stock(self) -> bool:
        """Something may still be used."""
        return stock_of(self.stock, 0) is not Stock.NONE


def soon(today: date) -> date:
    """Return the last day of what is about to expire."""
    return today + timedelta(days=SOON_DAYS)


def states_of(consumables: Iterable[Any], today: date) -> Iterator[ConsumableState]:
    """Yield the state of each kind; they come from `with_stock(today)`."""
    for row in consumables:
        yield ConsumableState(row, row.stock, row.expired_stock, row.nearest_expiry, today)
