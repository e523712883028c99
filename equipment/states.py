"""State of an item as it is shown: whether it can be used, and what stands against it, in one value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from equipment import page_querysets, rules
from equipment.models import EquipmentItem, Issue, ServiceWindow
from equipment.repairs.rules import Condition, condition_of
from equipment.rules import Reason, WindowState


@dataclass(frozen=True)
class ItemState:
    """What is to be said of an item at a moment: who has it, and why it cannot be used or soon cannot."""

    item: EquipmentItem
    issue: Issue | None
    reasons: frozenset[Reason]
    #: The time out of service under way, and the next one to come.
    active: ServiceWindow | None
    coming: ServiceWindow | None
    service_is_due: bool
    #: One of its inspections is overdue, whether safety depends on it or not.
    inspection_is_overdue: bool
    #: The open repair that decides the status, with `open_count` and `is_blocked`; None when nothing is wrong.
    repair: Any = None

    @property
    def is_usable(self) -> bool:
        """Nothing stands against using it now."""
        return not self.reasons

    @property
    def can_be_issued(self) -> bool:
        """Nobody has it and nothing stands against using it."""
        return self.is_usable and self.issue is None

    @property
    def condition(self) -> Condition:
        """The status as the open repairs make it."""
        return condition_of(self.repair.severity if self.repair else None)

    @property
    def is_held_back(self) -> bool:
        """It is not handed out for a reason that the status by repairs does not tell."""
        return not self.reasons.isdisjoint(rules.BESIDES_REPAIRS)

    @property
    def code(self) -> str:
        """The first reason, for templates; empty when it can be used."""
        return next((reason.name.lower() for reason in Reason if reason in self.reasons), "")


def states_of(items: Iterable[Any], at: datetime) -> Iterator[ItemState]:
    """Yield the state of each item; they come from `with_holder().with_windows_left(at).with_status()`, or carry the
    same by `page_querysets.attach_state`.
    """
    today = timezone.localdate(at)
    for item in items:
        active, coming = _sorted_out(item.windows_left, at)
        windows = [window.span for window in item.windows_left]
        repair = next(iter(item.determining_repairs), None)
        is_down = repair is not None and repair.is_blocked
        facts = rules.Facts(
            item.is_archived, item.is_lost, item.expires_on, windows, safe_until=item.safe_until, is_down=is_down
        )
        reasons = frozenset(rules.reasons_now(facts, at, day=today))
        due = item.service_due is not None and item.service_due <= today
        overdue = item.is_inspection_overdue_on(today)
        yield ItemState(item, next(iter(item.open_issues), None), reasons, active, coming, due, overdue, repair)


def _sorted_out(windows: list[ServiceWindow], at: datetime) -> tuple[ServiceWindow | None, ServiceWindow | None]:
    active = next((window for window in windows if window.state_at(at) is WindowState.ACTIVE), None)
    coming = next((window for window in windows if window.state_at(at) is WindowState.COMING), None)
    return active, coming


def held_by(person: Any, at: datetime) -> list[ItemState]:
    """Return the state of everything that a person has, by name."""
    items = page_querysets.read_held(person, at)
    return list(states_of(items, at))
