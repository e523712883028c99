"""The lock every change of an event begins with.

Order for the whole product: event, its positions by key, person. Joining, leaving, planning and every
change of status lock the event's row first, so two of them on one event never run side by side; the unique
constraints behind them are the last line, not the first.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from events.models import Event
from medcover.common.errors import DomainError, NotAllowed


class Gone(DomainError):
    """What was asked about does not exist (any more)."""


def lock_event(event_id: int) -> Event:
    """Lock and return the event with its master event; must run inside a transaction."""
    event = Event.objects.select_for_update(of=("self",)).select_related("master_event").filter(pk=event_id).first()
    if event is None:
        raise Gone(_("The event does not exist."))
    return event


def require(by: Any, permission: str, event: Event | None = None) -> None:
    """Refuse unless the actor holds `permission` (on `event`); None as actor is the system itself."""
    if by is not None and not by.has_perm(permission, event):
        raise NotAllowed


def save_event(event: Event, *fields: str) -> None:
    """Write the given fields and count the write."""
    event.raise_version()
    event.save(update_fields=[*fields, "version", "updated"])
