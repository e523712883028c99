"""App config: the installation itself, with settings row, audit record, worker jobs, health."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class SystemConfig(AppConfig):
    """The installation, below all other apps: everything may use it, it uses nothing but `medcover.common`."""

    name = "medcover.system"
    label = "system"
    verbose_name = _("System")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register audited rows and keep the worker's schedules equal to the code after each migrate."""
        from medcover.common import reporting
        from medcover.system import audit, job_log, jobs
        from medcover.system.models import SiteSettings

        audit.register(SiteSettings, exclude=["smtp_password_token", "wifi_password_token"])
        jobs.register(jobs.Job("system.heartbeat", "medcover.system.jobs.beat", minutes=1))
        jobs.register(jobs.Job("system.forget_paces", "medcover.system.rate_limits.forget_old", minutes=60))
        post_migrate.connect(_synchronise_schedules, sender=self, dispatch_uid="system.schedules")
        job_log.connect()
        reporting.set_up()


def _synchronise_schedules(**_kwargs: object) -> None:
    from medcover.system import jobs

    jobs.synchronise()
