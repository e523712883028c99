"""Size of the seed data: how many rows of each kind, for a number of people and of events."""

from __future__ import annotations

from dataclasses import dataclass

from events.rules.lifecycle import Status

#: Days over which past and coming events are spread: five years together.
PAST_DAYS, COMING_DAYS = 1735, 90
#: Events that were over so long ago are archived.
ARCHIVED_AFTER_DAYS = 3 * 365

#: Every so many-th coming event is staffed by conditions.
BY_CONDITIONS = 3

#: A small organisation has open events as well, enough to fill a page of the list, but no more than this share.
_FULL_PAGE, _MOST = 100, 0.4


@dataclass(frozen=True)
class Shape:
    """The numbers of people and events, and what follows from them."""

    users: int
    events: int

    @property
    def statuses(self) -> dict[Status, int]:
        """How many events stand in each status; everything else is completed."""
        opened = max(round(self.events * 0.04), min(_FULL_PAGE, round(self.events * _MOST)))
        return {
            Status.OPEN: opened,
            Status.CLOSED: max(1, round(opened * 0.17)),
            Status.PUBLISHED: max(1, round(opened * 0.125)),
            Status.DRAFT: max(1, round(opened * 0.075)),
        }

    @property
    def coming(self) -> int:
        """How many events are still to come."""
        return sum(self.statuses.values())

    @property
    def past(self) -> int:
        """How many events are over."""
        return self.events - self.coming

    @property
    def rows(self) -> int:
        """About how many rows will be inserted."""
        return self.users * 4 + self.events * 24
