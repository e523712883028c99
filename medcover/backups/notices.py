"""Notification of administrators that a backup, a rehearsal or a restore has failed."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from medcover.backups.models import BackupRun
from notifications import registry
from notifications.models import OutboxMessage
from notifications.registry import Brief, NoticeType, Payload
from notifications.services import enqueue
from roster.models import User
from roster.rights import Role

CODE = "backup_failed"

_TITLES = {
    BackupRun.Kind.BACKUP: _("The backup has failed"),
    BackupRun.Kind.VERIFICATION: _("A backup has failed its rehearsal"),
    BackupRun.Kind.RESTORE: _("Restoring from a backup has failed"),
}


def register() -> None:
    """Add the type to the catalogue."""
    registry.register(FAILED)


def tell_of_failure(run: BackupRun) -> None:
    """Queue the message to every administrator; inside the transaction that notes the failure."""
    admins = User.objects.active().with_role(Role.ADMIN).values_list("pk", flat=True)
    enqueue(CODE, recipients=list(admins), topic=f"run:{run.pk}", payload=_payload(run.kind, run.error, run.archive))


def _payload(kind: str, error: str, archive: str) -> Payload:
    return {"kind": kind, "error": error, "archive": archive}


def _title(payload: Payload) -> Any:
    return _TITLES[BackupRun.Kind(payload["kind"])]


def _subject(payload: Payload) -> str:
    return f"MedCover — {_title(payload)}"


def _context(message: OutboxMessage) -> dict[str, Any]:
    """Give the words and the way to the page."""
    payload = message.payload
    return {"title": _title(payload), **payload, "path": _path()}


def _path() -> str:
    return reverse("admin:backups_backupsettings_changelist")


def _brief(message: OutboxMessage) -> Brief:
    return Brief(str(message.payload["error"]), _path())


FAILED = NoticeType(
    code=CODE,
    name=_("Backup failed"),
    description=_("A backup could not be made, did not prove good in its rehearsal, or could not be restored."),
    template="backups/mail/backup_failed",
    subject=_subject,
    context=_context,
    roles=frozenset({Role.ADMIN.value}),
    always_on=True,
    trigger=_("A backup, a rehearsal or a restore fails"),
    recipients=_("All active administrators"),
    brief=_brief,
)
