"""App config: backups."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BackupsConfig(AppConfig):
    """Backups: above the people, to whom it reports, and beside everything whose rows it carries away unread."""

    name = "medcover.backups"
    label = "backups"
    verbose_name = _("Backups")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the settings in the record, worker jobs, the notification of failures, facts for the digest."""
        from medcover.backups import connections, digest, jobs, notices
        from medcover.backups.models import BackupSettings
        from medcover.system import audit

        audit.register(BackupSettings)
        connections.connect()
        jobs.register()
        notices.register()
        digest.register()
