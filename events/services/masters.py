"""Master events, and what the planning objects to when a qualification is to be deleted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from events import overview
from events.models import MasterEvent
from events.services.archiving import archive_locked
from events.services.lifecycle import settle_capacity
from events.services.locking import lock_event, lock_master, require
from medcover.common.errors import DomainError
from medcover.common.text import tidy
from medcover.system import audit

GENERAL_NAME = "Obecné"

#: Fields that a form may write.
EDITABLE = ("name", "description", "coordinator")


def ensure_general() -> MasterEvent:
    """Return the built-in master event, creating it on a new installation."""
    return MasterEvent.objects.get_or_create(is_general=True, defaults={"name": GENERAL_NAME})[0]


@transaction.atomic
def save_master_event(master: MasterEvent, *, by: Any, version: int | None = None) -> MasterEvent:
    """Create or update a master event; `master` carries the new values.

    Raises NotAllowed, StaleRecord, ValidationError (empty or taken name), DomainError when it is archived.
    """
    require(by, "events.change_masterevent" if master.pk else "events.add_masterevent")
    master.name = tidy(master.name)
    stored = lock_master(master.pk) if master.pk else None
    if stored is not None:
        stored.expect_version(version)
        if stored.is_archived:
            raise DomainError(_("An archived master event cannot be edited."))
        if all(getattr(master, name) == getattr(stored, name) for name in EDITABLE):
            return stored
        master.version = stored.version
        master.raise_version()
    _refuse_inactive(master, stored)
    master.full_clean()
    with audit.trail(by=by), _name_still_free():
        master.save()
    if stored is not None and stored.is_coordinated != master.is_coordinated:
        _settle_waiting_lists(master)
    return master


def _settle_waiting_lists(master: MasterEvent) -> None:
    """Whether people place themselves decides who may be offered a place."""
    waited_for = master.events.not_final().filter(queue__isnull=False).distinct()
    for event_id in list(waited_for.order_by("pk").values_list("pk", flat=True)):
        settle_capacity(lock_event(event_id))


def _refuse_inactive(master: MasterEvent, stored: MasterEvent | None) -> None:
    """A coordinator who has left may stay where they are, but nobody is given one."""
    chosen = master.coordinator
    if chosen is not None and not chosen.is_active and (stored is None or stored.coordinator != chosen):
        raise DomainError(_("Only an active person can be coordinator."))


@contextmanager
def _name_still_free() -> Iterator[None]:
    """Answer like validation when somebody else takes the name between the check and the write."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise ValidationError({"name": _("A master event of this name already exists.")}) from error


@transaction.atomic
def archive_master_event(master_id: int, *, by: Any, version: int | None = None) -> list[str]:
    """Archive a master event and every event in it; return the names of the events that went with it.

    Raises NotAllowed, StaleRecord, DomainError (the default one, or archived already).
    """
    require(by, "events.archive_masterevent")
    master = lock_master(master_id)
    master.expect_version(version)
    if master.is_general:
        raise DomainError(_("The default master event cannot be archived."))
    if master.is_archived:
        raise DomainError(_("The master event is already archived."))
    names = _archive_events_of(master, by=by)
    master.is_archived = True
    master.raise_version()
    words = {"name": master.name, "events": ", ".join(names) or "—"}
    summary = audit.sentence(_("Master event archived: %(name)s (events: %(events)s)"), words)
    with audit.trail(by=by, kind="archive", summary=summary):
        master.save()
    return names


def _archive_events_of(master: MasterEvent, *, by: Any) -> list[str]:
    names = []
    for event_id in master.events.not_archived().order_by("pk").values_list("pk", flat=True):
        event = lock_event(event_id)
        # While this waited for the lock, the event may have been moved elsewhere.
        if event.master_event_id == master.pk and not event.is_archived:
            archive_locked(event, by=by)
            names.append(event.name)
    return names


@transaction.atomic
def unarchive_master_event(master_id: int, *, by: Any, version: int | None = None) -> int:
    """Restore a master event without its events; return how many of those stay archived.

    Raises NotAllowed, StaleRecord, DomainError (not archived).
    """
    require(by, "events.unarchive_masterevent")
    master = lock_master(master_id)
    master.expect_version(version)
    if not master.is_archived:
        raise DomainError(_("The master event is not archived."))
    master.is_archived = False
    master.raise_version()
    with audit.trail(by=by, kind="unarchive", summary=audit.sentence(_("Master event restored: %s"), master.name)):
        master.save()
    return master.events.filter(is_archived=True).count()


def refuse_deleting_used(qualification: Any) -> None:
    """Refuse to delete a qualification that unfinished events rely on, naming up to three of them."""
    names = list(overview.demanding(qualification).values_list("name", flat=True)[:4])
    if names:
        listed = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
        raise DomainError(_("The qualification is required by these events: %s") % listed)
