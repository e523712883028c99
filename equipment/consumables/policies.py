"""Permission checks on consumables; views ask here, the services decide."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from equipment.models import Movement
from equipment.services.ledger import MANAGE, USE
from equipment.services.lots import may_undo
from events.models import Assignment, Event
from events.rules.lifecycle import Status

#: Events are offered to be written about so long after their beginning.
RECENT = timedelta(days=14)
MOST_RECENT = 5


def may_manage(user: Any) -> bool:
    """Say whether the person keeps the stock."""
    return bool(user.has_perm(MANAGE))


def may_see_ledger(user: Any) -> bool:
    """Say whether the person may know who has used what: those who write there themselves."""
    return may_manage(user) or bool(user.has_perm(USE))


def may_take_back(user: Any, movement: Movement) -> bool:
    """Say whether the person may take this line of the ledger back; it comes with `undone_by`."""
    open_for_it = movement.undoes_id is None and movement.kind != Movement.Kind.MOVED
    taken_back = hasattr(movement, "undone_by")
    return open_for_it and not taken_back and may_undo(user, kind=movement.kind, recorded_by=movement.by_id)


def recent_events(user: Any, at: datetime) -> Any:
    """Return events that have begun lately and on which the person may record what was used, the latest first."""
    begun = Event.objects.visible_to(user).not_archived().exclude(status=Status.DRAFT)
    found = begun.filter(start__lte=at, start__gt=at - RECENT)
    if not may_manage(user):
        mine = Assignment.objects.filter(person=user).values("event")
        found = found.filter(pk__in=mine) if user.has_perm(USE) else found.none()
    return found.order_by("-start", "pk")[:MOST_RECENT]
