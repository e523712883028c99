"""Conversion of an event to the other staffing mode: what would be lost is named first, and everybody stays on it.

`foresee` reads what a conversion would do, `convert` does it under the event's lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from events.models import Event
from events.rules.staffing import Mode
from events.services import offers
from events.services.conversion.to_conditions import ToConditions, to_conditions
from events.services.conversion.to_positions import ToPositions, to_positions
from events.services.lifecycle import settle_capacity
from events.services.locking import lock_event, refuse_uneditable, require, save_event
from medcover.system import audit

__all__ = ["ToConditions", "ToPositions", "convert", "foresee"]


def foresee(event: Event) -> ToConditions | ToPositions:
    """Return what a conversion to the other mode would make of the event, with its losses as sentences.

    Raises DomainError where it cannot be: the event is over or archived, or the plan that would come out breaks a
    rule.
    """
    refuse_uneditable(event)
    found = to_positions(event) if event.by_conditions else to_conditions(event)
    return replace(found, losses=[*found.losses, *_withdrawn(event)])


def _withdrawn(event: Event) -> Iterator[Any]:
    """Yield a sentence about offers to the waiting list, which speak of places that will be no more."""
    people = event.offers.open().values_list("person__name", flat=True).order_by("person__name_sort")
    if names := ", ".join(people):
        yield audit.sentence(_("Open offers of places are withdrawn, those people keep their turn: %s."), names)


@transaction.atomic
def convert(event_id: int, *, by: Any, at: datetime, version: int | None) -> Event:
    """Convert the event to the other mode; everybody on it stays and is not told: their duty is the same.

    Whoever waits for a place keeps their turn; what they were offered is withdrawn and, where it can be, offered anew.

    Raises NotAllowed, StaleRecord, DomainError as `foresee`.
    """
    event = lock_event(event_id)
    require(by, "events.change_event", event)
    event.expect_version(version)
    found = foresee(event)
    offers.withdraw_all(event, at=at)
    _write_mode(event, found, by=by)
    found.write(event, by=by)
    event.conditions_read = None
    settle_capacity(event, at=at)
    return event


def _write_mode(event: Event, found: ToConditions | ToPositions, *, by: Any) -> None:
    event.staffing_mode, event.min_participants, event.max_participants = found.target, *found.capacity
    pattern = _TO_CONDITIONS if found.target == Mode.CONDITIONS else _TO_POSITIONS
    losses = format_lazy(" ".join(["{}"] * len(found.losses)), *found.losses)
    with audit.trail(by=by, kind="edit", summary=audit.sentence(pattern, {"event": event.name, "losses": losses})):
        save_event(event, "staffing_mode", "min_participants", "max_participants")


_TO_CONDITIONS = _("%(event)s: staffing converted to conditions. %(losses)s")
_TO_POSITIONS = _("%(event)s: staffing converted to positions. %(losses)s")
