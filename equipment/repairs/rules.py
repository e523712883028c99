"""Rules about repairs and the status that they give an item. Pure decisions on plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, auto
from typing import Any

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy


class Status(TextChoices):
    """Where the work on a repair stands. Any may follow any other; only DUPLICATE asks for more."""

    NEW = "new", pgettext_lazy("repair status", "New")
    ASSIGNED = "assigned", pgettext_lazy("repair status", "Assigned")
    IN_PROGRESS = "in_progress", pgettext_lazy("repair status", "In progress")
    PARTS_NEEDED = "parts_needed", pgettext_lazy("repair status", "Parts needed")
    PARTS_ORDERED = "parts_ordered", pgettext_lazy("repair status", "Parts ordered")
    PARTS_RECEIVED = "parts_received", pgettext_lazy("repair status", "Parts received")
    NEEDS_SPECIALIST = "needs_specialist", pgettext_lazy("repair status", "Needs a specialist")
    RESOLVED = "resolved", pgettext_lazy("repair status", "Resolved")
    NO_ISSUE = "no_issue", pgettext_lazy("repair status", "Closed – no issue found")
    DUPLICATE = "duplicate", pgettext_lazy("repair status", "Closed – duplicate")


CLOSED = frozenset({Status.RESOLVED, Status.NO_ISSUE, Status.DUPLICATE})
#: In the order of the work, which is the order of the board's columns.
OPEN = tuple(status for status in Status if status not in CLOSED)


class Severity(TextChoices):
    """How bad it is; empty means that nobody has said anything about it."""

    DOWN = "down", pgettext_lazy("severity", "Down")
    DEGRADED = "degraded", pgettext_lazy("severity", "Degraded")
    UNSURE = "unsure", pgettext_lazy("severity", "Not sure")


#: From the worst to none: what decides an item's status, and the order of the queue.
RANKS: dict[str, int] = {severity.value: rank for rank, severity in enumerate(Severity)} | {"": len(Severity)}


class Condition(Enum):
    """The status of an item as its open repairs make it: colour, icon and word."""

    OPERATIONAL = "operational"
    DEGRADED = "degraded"
    DOWN = "down"

    @property
    def label(self) -> Promise:
        """The word."""
        return _WORDS[self]

    @property
    def icon(self) -> str:
        """The icon that stands beside the word."""
        return _ICONS[self]


_WORDS: dict[Condition, Promise] = {
    Condition.OPERATIONAL: pgettext_lazy("item status", "Operational"),
    Condition.DEGRADED: pgettext_lazy("item status", "Degraded"),
    Condition.DOWN: pgettext_lazy("item status", "Down"),
}
_ICONS = {
    Condition.OPERATIONAL: "check-circle",
    Condition.DEGRADED: "exclamation-triangle",
    Condition.DOWN: "x-circle",
}


@dataclass(frozen=True)
class OpenRepair:
    """What of an open repair the status of its item depends on."""

    key: int
    severity: str
    created: datetime
    is_safety_risk: bool = False


def determining(repairs: Iterable[OpenRepair]) -> OpenRepair | None:
    """Return the one of an item's open repairs that decides: the worst, of equally bad ones the oldest."""
    return min(repairs, key=lambda repair: (RANKS[repair.severity], repair.created, repair.key), default=None)


def condition_of(severity: str | None) -> Condition:
    """Return the status that a determining repair of this severity makes; None means that nothing is open."""
    if severity is None:
        return Condition.OPERATIONAL
    return Condition.DOWN if severity == Severity.DOWN else Condition.DEGRADED


def blocks(severity: str, *, is_safety_risk: bool) -> bool:
    """Say whether an open repair keeps its item from being used: it is down, or it could hurt somebody."""
    return is_safety_risk or severity == Severity.DOWN


# --- duplicates ---------------------------------------------------------------------------------------------


class Fault(Enum):
    """Why a repair cannot point at another one as it should."""

    TARGET_MISSING = auto()
    TARGET_WITHOUT_STATUS = auto()
    OTHER_ITEM = auto()
    ITSELF = auto()
    CIRCLE = auto()


def link_after(status: str, *, old: int | None, wanted: int | None) -> int | None:
    """Return at which repair one of this status points: nothing is left of a link when it stops being a duplicate.

    A form still sends the old link along; a new one beside another status stays and is a `link_fault`.
    """
    return None if status != Status.DUPLICATE and wanted == old else wanted


def link_fault(status: str, wanted: int | None) -> Fault | None:
    """Say whether status and link fit each other."""
    if status == Status.DUPLICATE:
        return Fault.TARGET_MISSING if wanted is None else None
    return None if wanted is None else Fault.TARGET_WITHOUT_STATUS


def target_fault(key: int, target: int, *, same_item: bool, links: Mapping[int, int]) -> Fault | None:
    """Say why a repair cannot duplicate `target`; `links` are the duplicates there are, each with what it points at."""
    if target == key:
        return Fault.ITSELF
    if not same_item:
        return Fault.OTHER_ITEM
    return Fault.CIRCLE if key in _chain(target, links) else None


def _chain(key: int, links: Mapping[int, int]) -> set[int]:
    """Return the repairs that one points at, by way of others as well."""
    found: set[int] = set()
    while (key := links.get(key, 0)) and key not in found:
        found.add(key)
    return found


# --- age ----------------------------------------------------------------------------------------------------


class Ageing(Enum):
    """How long a repair has stayed where it is."""

    FRESH = "fresh"
    WARM = "warm"
    HOT = "hot"


#: Whole days from which on a card of the board stands out.
WARM_FROM, HOT_FROM = 3, 6


def days_between(since: datetime, at: datetime) -> int:
    """Return the whole days that have passed, none for what lies ahead."""
    return max(0, (at - since).days)


def ageing_of(days: int) -> Ageing:
    """Return how long that is for a repair that stands still."""
    if days < WARM_FROM:
        return Ageing.FRESH
    return Ageing.WARM if days < HOT_FROM else Ageing.HOT


# --- what is told of a change -------------------------------------------------------------------------------


def as_told(value: Any) -> str:
    """Return a value as the timeline keeps it: days as ISO writes them, nothing as an empty text."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)
