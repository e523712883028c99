"""Archiving events, restoring them, deleting archived ones; the status stays what it was."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Event
from events.rules.lifecycle import Status
from events.services import notifications, offers
from events.services.locking import lock_event, require, save_event
from events.signals import deletion_requested
from medcover.common.errors import DomainError
from medcover.common.text import tidy
from medcover.system import audit


@transaction.atomic
def archive_event(event_id: int, *, by: Any, version: int | None = None, notify: bool = True) -> Event:
    """Archive an event; drafts need another right than the rest. Raises NotAllowed, StaleRecord, DomainError."""
    event = lock_event(event_id)
    require(by, archive_permission(event.status), event)
    event.expect_version(version)
    if event.is_archived:
        raise DomainError(_("The event is already archived."))
    archive_locked(event, by=by, notify=notify)
    return event


def archive_permission(status: str) -> str:
    """Return the right needed to archive an event in `status`."""
    return "events.archive_draft_event" if status == Status.DRAFT else "events.archive_event"


def archive_locked(event: Event, *, by: Any, notify: bool = True) -> None:
    """Archive a locked event and, unless it is to be quiet, tell its people at once."""
    event.is_archived = True
    with audit.trail(by=by, kind="archive", summary=audit.sentence(_("Event archived: %s"), event.name)):
        save_event(event, "is_archived")
    if notify:
        notifications.notify_cancelled("event_archived", event)
    offers.drop_all(event, at=timezone.now())


@transaction.atomic
def unarchive_event(event_id: int, *, by: Any, version: int | None = None, notify: bool = True) -> Event:
    """Restore an archived event; a cancelled one stays cancelled. Raises NotAllowed, StaleRecord, DomainError."""
    event = lock_event(event_id)
    require(by, "events.unarchive_event", event)
    event.expect_version(version)
    if not event.is_archived:
        raise DomainError(_("The event is not archived."))
    event.is_archived = False
    summary = audit.sentence(_("Event restored from the archive: %s"), event.name)
    with audit.trail(by=by, kind="unarchive", summary=summary):
        save_event(event, "is_archived")
    if notify:
        notifications.notify_participants("event_unarchived", event)
    return event


@transaction.atomic
def delete_event(event_id: int, *, confirmation: str, by: Any, version: int | None = None) -> str:
    """Delete an archived event for good, with its people, its plan and its queued mails; the record stays.

    `confirmation` is the event's name, typed. Returns the name. Raises NotAllowed, StaleRecord, DomainError, also
    when another app objects.
    """
    event = lock_event(event_id)
    require(by, "events.delete_event", event)
    event.expect_version(version)
    if not event.is_archived:
        raise DomainError(_("Only an archived event can be deleted for good."))
    if tidy(confirmation) != event.name:
        raise DomainError(_("Type the name of the event exactly as it is written."))
    deletion_requested.send(Event, event=event)
    notifications.discard_pending(event)
    with audit.trail(
        by=by, kind="delete", event_id=event.pk, summary=audit.sentence(_("Event deleted for good: %s"), event.name)
    ):
        event.delete()
    return event.name
