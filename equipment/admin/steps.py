"""Steps on one item, as buttons above its form."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from equipment.rules import WindowState
from equipment.services import availability, issues, items
from equipment.services.availability import MODIFY
from equipment.services.issues import ISSUE
from equipment.services.shortage import warning_of
from medcover.backoffice.steps import Step

ARCHIVE = "equipment.delete_equipmentitem"


def _active_window(row: Any) -> Any:
    now = timezone.now()
    return next((window for window in row.windows_left if window.state_at(now) is WindowState.ACTIVE), None)


STEPS = (
    Step(
        "return",
        _("Note the return"),
        "box-arrow-in-left",
        ISSUE,
        lambda row: bool(row.open_issues),
        issues.take_back,
        _("Nobody has the item any more; it can be issued again."),
        _("The return has been noted."),
        "main",
    ),
    Step(
        "in_service",
        _("Put back into service"),
        "check-lg",
        MODIFY,
        lambda row: _active_window(row) is not None,
        availability.end_active_service,
        _("The item can be used and counts again from now on."),
        _("The item is in service again."),
        "main",
    ),
    Step(
        "found",
        _("It has been found"),
        "check-lg",
        MODIFY,
        lambda row: row.is_lost,
        lambda key, *, by, at: availability.mark_found(key, by=by),
        _("The item can be used and counts again from now on."),
        _("The item has been found and counts again."),
        "main",
    ),
    Step(
        "lost",
        _("Report as lost"),
        "question-circle",
        MODIFY,
        lambda row: not row.is_lost and not row.is_archived,
        availability.mark_lost,
        _("It counts for no plan and cannot be taken until somebody marks it as found."),
        _("The item is reported lost; it counts for no plan."),
        "danger",
        lambda item: warning_of(item.breaks),
    ),
    Step(
        "archive",
        _("Archive"),
        "archive",
        ARCHIVE,
        lambda row: not row.is_archived and not row.open_issues,
        lambda key, *, by, at: items.archive(key, by=by),
        _("The item counts for no plan and leaves all lists. Its history stays, and it can be restored."),
        _("The item has been archived."),
        "danger",
    ),
    Step(
        "unarchive",
        _("Restore from the archive"),
        "arrow-counterclockwise",
        ARCHIVE,
        lambda row: row.is_archived,
        lambda key, *, by, at: items.unarchive(key, by=by),
        _("The item comes back to all lists and counts again."),
        _("The item has been restored."),
    ),
)
