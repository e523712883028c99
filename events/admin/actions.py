"""Bulk actions of the event admin: one table, each entry a right, a consequence and a service."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.rules.lifecycle import TRANSITIONS
from events.services import bulk
from events.services.lifecycle import bulk_transition
from medcover.backoffice.bulk import BulkAction, Run
from medcover.common.bulk import BulkResult


def _move(code: str, label: Promise | str, consequence: Promise | str) -> BulkAction:
    """Return the action that makes one move of the table of transitions."""

    def run(ids: Sequence[Any], *, by: Any, at: datetime, notify: bool) -> BulkResult:
        return bulk_transition(ids, code, by=by, at=at, notify=notify)

    return BulkAction(code, label, str(TRANSITIONS[code].permission), consequence, run)


def _timeless(service: Callable[..., BulkResult], **fixed: Any) -> Run:
    """Return `service` as a bulk action calls it; the moment does not matter to it."""

    def run(ids: Sequence[Any], *, by: Any, notify: bool, **_moment: Any) -> BulkResult:
        return service(ids, by=by, notify=notify, **fixed)

    return run


EVENT_ACTIONS: Sequence[BulkAction] = (
    _move(
        "publish",
        _("Publish"),
        _("Drafts become visible to all members. Sign-ups open at once where no opening time is given."),
    ),
    _move("open", _("Open sign-ups"), _("Members will be able to sign up for published and closed events.")),
    _move("close", _("Close sign-ups"), _("Members will no longer be able to sign up by themselves.")),
    _move(
        "cancel",
        _("Cancel selected"),
        _("The events are cancelled and archived; who is signed up stays recorded. Completed events are left alone."),
    ),
    _move("restore", _("Restore as drafts"), _("Cancelled events become drafts again and leave the archive.")),
    BulkAction(
        "mark_paid",
        _("Mark as paid"),
        "events.change_event",
        _("The events will be marked as paid."),
        _timeless(bulk.set_paid, paid=True),
    ),
    BulkAction(
        "mark_unpaid",
        _("Mark as unpaid"),
        "events.change_event",
        _("The events will be marked as unpaid."),
        _timeless(bulk.set_paid, paid=False),
    ),
    BulkAction(
        "archive",
        _("Archive"),
        "events.archive_draft_event",
        _("The events disappear from lists, calendars and feeds; their status does not change."),
        _timeless(bulk.archive),
    ),
    BulkAction(
        "unarchive",
        _("Restore from the archive"),
        "events.unarchive_event",
        _("The events return to lists, calendars and feeds; their status does not change."),
        _timeless(bulk.unarchive),
    ),
)
