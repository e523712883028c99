"""Row lock on an event, with which every change of it begins.

Order for the whole product: master event, person, event (several: by key), its positions by key, outbox rows.
Joining, leaving, planning and every change of status lock the event's row, so two of them on one event never
run side by side; the unique constraints behind them are the last line, not the first.

Two things need more than the event. Whoever is put on an event is locked before it: a change of their account
or qualifications then either is seen by the sign-up or sees its result, and two duties of one person are
weighed against each other one after the other. And an event is put under a master event only with that one
locked, so that archiving it misses nothing. Both locks are NO KEY: pointing a foreign key at the row never
waits, so the only order that matters is the one written here.
"""

from __future__ import annotations

from copy import copy
from typing import Any

from django.db.models import Subquery
from django.utils.translation import gettext_lazy as _

from events.models import Event, MasterEvent, Position
from medcover.common.errors import DomainError, NotAllowed
from medcover.common.prepared import KEY, prepared
from medcover.system import audit


class Gone(DomainError):
    """Refusal: what was asked about does not exist (any more)."""


def lock_event(event_id: int) -> Event:
    """Lock and return the event; must run inside a transaction."""
    # Without a join: whoever waited here for somebody to move the event under another master event would find
    # that the two rows joined before the wait no longer match, and so no event at all.
    event: Event | None = _locked.first(event=event_id)
    if event is None:
        raise Gone(_("The event does not exist."))
    return _remembering(event)


def lock_event_of(position_id: int) -> Event:
    """Lock and return the event of a position, which never changes; must run inside a transaction."""
    event: Event | None = _locked_of.first(position=position_id)
    if event is None:
        raise Gone(_("This position no longer exists."))
    return _remembering(event)


@prepared(event=KEY)
def _locked(p: Any) -> Any:
    return Event.objects.select_for_update().filter(pk=p.event)


@prepared(position=KEY)
def _locked_of(p: Any) -> Any:
    # The value of a subquery, and no join: see `lock_event`.
    event = Position.objects.filter(pk=p.position).order_by().values("event")
    return Event.objects.select_for_update().filter(pk=Subquery(event))


def lock_master(master_id: Any) -> MasterEvent:
    """Lock and return a master event, before any of its events. Raises MasterEvent.DoesNotExist."""
    master: MasterEvent = MasterEvent.objects.select_for_update(no_key=True).get(pk=master_id)
    return master


def require(by: Any, permission: str, event: Event | None = None) -> None:
    """Refuse unless the actor holds `permission` (on `event`); None as actor is the system itself."""
    if by is not None and not by.has_perm(permission, event):
        raise NotAllowed


def refuse_uneditable(event: Event) -> None:
    """Refuse when the event is over, or put away: what nobody sees is not to change behind their backs."""
    if event.is_final:
        raise DomainError(_("Completed or cancelled events cannot be edited."))
    if event.is_archived:
        raise DomainError(_("An archived event cannot be edited; restore it from the archive first."))


def save_event(event: Event, *fields: str) -> None:
    """Write the given fields and count the write."""
    event.raise_version()
    written = [*fields, "version", "updated"]
    if event.as_locked is None:
        event.save(update_fields=written)
    else:
        audit.save_locked(event, event.as_locked, written)
        _remembering(event)


def _remembering(event: Event) -> Event:
    """Let the event remember what its row holds."""
    event.as_locked = None
    event.as_locked = copy(event)
    return event
