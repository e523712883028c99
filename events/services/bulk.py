"""Bulk changes of events, quietly unless asked otherwise; each event is a transaction of its own.

What cannot be changed is skipped and reported with its reason. Moves along the life of an event are
`lifecycle.bulk_transition`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from events.services import archiving, planning
from events.services.lifecycle import for_each_event
from events.services.locking import lock_event
from medcover.common.bulk import BulkResult
from medcover.common.errors import DomainError


def set_paid(event_ids: Iterable[int], *, paid: bool, by: Any, notify: bool = False) -> BulkResult:
    """Mark events as paid or unpaid; those that are so already are skipped."""
    return for_each_event(event_ids, lambda event_id: _set_paid(event_id, paid=paid, by=by, notify=notify))


@transaction.atomic
def _set_paid(event_id: int, *, paid: bool, by: Any, notify: bool) -> None:
    if lock_event(event_id).is_paid == paid:
        raise DomainError(_("The event is already paid.") if paid else _("The event is already unpaid."))
    planning.mark_paid(event_id, paid=paid, by=by, notify=notify)


def archive(event_ids: Iterable[int], *, by: Any, notify: bool = False) -> BulkResult:
    """Archive events; drafts need another right than the rest."""
    return for_each_event(event_ids, lambda event_id: archiving.archive_event(event_id, by=by, notify=notify))


def unarchive(event_ids: Iterable[int], *, by: Any, notify: bool = False) -> BulkResult:
    """Restore archived events."""
    return for_each_event(event_ids, lambda event_id: archiving.unarchive_event(event_id, by=by, notify=notify))
