"""Waiting lists, offers and hand-overs of the seed data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from events.load.crew import Casting
from events.load.inserting import Inserting
from events.load.plan import Planned
from events.models import HandOver, Offer, QueueEntry
from events.rules.lifecycle import Status
from events.rules.waiting import OfferState, offer_deadline
from medcover.system.models import SiteSettings
from roster.models import User

_EXPIRED, _HANDED_OVER = 10, 20
_LONGEST_QUEUE = 3
HOUR = timedelta(hours=1)


class Queueing:
    """Fills waiting lists of full events, offers and hand-overs."""

    def __init__(self, casting: Casting, rng: Random, *, at: datetime) -> None:
        self._casting, self._rng, self._at = casting, rng, at
        self._hours = SiteSettings.load().offer_hours
        self._queue: list[QueueEntry] = []
        self._offers: list[Offer] = []
        self._hand_overs: list[HandOver] = []

    def fill(self, plans: Sequence[Planned], inserting: Inserting) -> None:
        """Insert waiting lists, offers and proposals; people place themselves only where nobody coordinates."""
        alone = [plan for plan in plans if not plan.is_coordinated]
        for plan in alone:
            if plan.event.capacity_closed:
                self._wait(plan)
        for plan in [plan for plan in alone if plan.event.status is Status.OPEN][::_EXPIRED]:
            self._once_offered(plan)
        for plan in [plan for plan in alone if plan.crew and _runs(plan)][::_HANDED_OVER]:
            self._hand_over(plan)
        inserting.insert(QueueEntry, self._queue)
        inserting.insert(Offer, self._offers)
        inserting.insert(HandOver, self._hand_overs)

    def _wait(self, plan: Planned) -> None:
        waiting = [plan.offered[0]] if plan.offered else []
        for _number in range(self._rng.randrange(_LONGEST_QUEUE + 1)):
            person = self._casting.somebody(plan, _demanded_first(plan), but=waiting)
            if person is not None:
                waiting.append(person)
        for number, person in enumerate(waiting):
            queued_at = self._at - timedelta(days=2) + number * HOUR
            self._queue.append(QueueEntry(event=plan.event, person=person, queued_at=queued_at))
        if plan.offered:
            self._offer(plan, *plan.offered, self._at - HOUR)

    def _once_offered(self, plan: Planned) -> None:
        """Somebody was offered a place and did not answer in time."""
        if plan.event.by_conditions:
            return
        person = self._casting.somebody(plan, plan.places[0][1])
        if person is not None:
            offered = self._offer(plan, person, 0, self._at - timedelta(days=3))
            offered.state, offered.answered_at = OfferState.EXPIRED, offered.expires_at

    def _offer(self, plan: Planned, person: User, place: int, offered_at: datetime) -> Offer:
        row = Offer(
            event=plan.event,
            position=plan.places[place][0],
            person=person,
            offered_at=offered_at,
            expires_at=offer_deadline(offered_at, plan.event.start, self._hours),
        )
        self._offers.append(row)
        return row

    def _hand_over(self, plan: Planned) -> None:
        giver, place = plan.crew[0]
        if place is None:
            return
        substitute = self._casting.somebody(plan, plan.places[place][1])
        if substitute is not None:
            self._hand_overs.append(
                HandOver(event=plan.event, person=giver, substitute=substitute, proposed_at=self._at - 5 * HOUR)
            )


def _runs(plan: Planned) -> bool:
    return plan.event.status in (Status.OPEN, Status.CLOSED)


def _demanded_first(plan: Planned) -> tuple[int, ...]:
    return (plan.demands[0].qualification,) if plan.demands else plan.places[0][1]
