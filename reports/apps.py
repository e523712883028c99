"""App config: reports, figures and lists over everything."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    """Reports, above all other apps, which they read."""

    name = "reports"
    verbose_name = _("Reports")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register worker jobs and personal data; work reports are not audited row by row, see the service."""
        from reports import jobs
        from reports.privacy import ReportData
        from roster.privacy import registry

        jobs.register()
        registry.register(ReportData())
