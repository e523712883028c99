"""Rules of stock: which lots are used first, and how a kind stands. Pure decisions on plain values, in whole units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto

#: So many pieces move at once at the most, and so many are in one lot; more is a slip of the finger.
MOST = 99_999

#: A lot that expires within so many days is about to.
SOON_DAYS = 60


@dataclass(frozen=True)
class Batch:
    """What decides about the use of a lot; it may be used up to and including `expires_on`, None is for ever."""

    key: int
    quantity: int
    expires_on: date | None = None
    received_on: date = date.min


@dataclass(frozen=True)
class Taken:
    """So many pieces from one lot."""

    key: int
    quantity: int


class Stock(Enum):
    """How much there is of a kind."""

    NONE = auto()
    LOW = auto()
    ENOUGH = auto()


def is_expired(expires_on: date | None, day: date) -> bool:
    """Say whether the last day of use is before `day`."""
    return expires_on is not None and expires_on < day


def usable(batches: Iterable[Batch], day: date) -> list[Batch]:
    """Return what may be used on `day`, what expires first first, then what came first."""
    left = [batch for batch in batches if batch.quantity and not is_expired(batch.expires_on, day)]
    return sorted(left, key=lambda batch: (batch.expires_on or date.max, batch.received_on, batch.key))


def allocate(batches: Iterable[Batch], wanted: int, day: date) -> list[Taken]:
    """Return from which lots `wanted` pieces are taken on `day`; fewer in all when there are not that many."""
    taken = []
    for batch in usable(batches, day):
        if wanted <= 0:
            break
        taken.append(Taken(batch.key, min(wanted, batch.quantity)))
        wanted -= batch.quantity
    return taken


def stock_of(quantity: int, minimum: int) -> Stock:
    """Say how a kind stands that has so many usable pieces."""
    if quantity <= 0:
        return Stock.NONE
    return Stock.LOW if quantity < minimum else Stock.ENOUGH
