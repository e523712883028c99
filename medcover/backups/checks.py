"""Checks of backups for the state of the installation. They ask the runs and never the storage, which may be away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from medcover.backups import digest
from medcover.common import formats
from medcover.system.checks_of_services import Check, Finding, State, register

_URL = "admin:backups_backupsettings_changelist"


def register_checks() -> None:
    """Add the checks of the last backup and of the last rehearsal."""
    register(Check("backups", gettext_lazy("Backups"), "archive", last_backup, _URL))
    register(Check("rehearsal", gettext_lazy("Restoring"), "arrow-counterclockwise", last_rehearsal, _URL))


def last_backup() -> Finding:
    """Say when the last good backup was made, and whether one is missing."""
    state = digest.state(with_rehearsal=False)
    told = [_("The last good one was made on %s.") % _moment(state.last_good_at)] if state.last_good_at else []
    if not state.scheduled:
        told.append(_("They are not made automatically."))
    if state.last and state.last.status == state.last.Status.FAILED:
        told.append(_("The last attempt has failed: %s") % state.last.error)
    if state.last_good_at is None:
        return Finding(State.ERROR, _("No backup has been made"), " ".join(told))
    if state.is_overdue(timezone.now()):
        return Finding(State.ERROR, _("The daily backup is missing"), " ".join(told))
    return Finding(State.OK if state.is_well else State.WARNING, _moment(state.last_good_at), " ".join(told))


def last_rehearsal() -> Finding:
    """Say whether the last archive that was tried out could be restored."""
    run: Any = digest.last_rehearsal()
    if run is None:
        return Finding(State.UNKNOWN, _("Never tried out"))
    at = _moment(run.finished_at)
    if run.status == run.Status.DONE:
        return Finding(State.OK, _("Restoring works"), _("Last tried out on %s.") % at)
    told = _("A backup did not prove good on %(at)s: %(reason)s") % {"at": at, "reason": run.error}
    return Finding(State.ERROR, _("Restoring does not work"), told)


def _moment(at: datetime) -> str:
    return formats.date_time(at, timezone.get_current_timezone())
