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
        """Register what is audited and checked; keep the worker's schedules equal to the code after each migrate."""
        from django_q.signals import post_spawn

        from medcover.common import reporting, timestamps
        from medcover.system import audit, heartbeat, job_log, jobs, own_checks
        from medcover.system.models import SiteSettings, UserFeedback

        audit.register(SiteSettings, exclude=["smtp_password_token", "wifi_password_token"])
        audit.recorded_by_hand(UserFeedback)
        own_checks.register()
        post_spawn.connect(heartbeat.start, dispatch_uid="system.heartbeat")
        jobs.register(jobs.Job("system.heartbeat", "medcover.system.jobs.beat", minutes=1))
        jobs.register(jobs.Job("system.forget_paces", "medcover.system.rate_limits.forget_old", minutes=60))
        post_migrate.connect(_synchronise_schedules, sender=self, dispatch_uid="system.schedules")
        job_log.connect()
        reporting.set_up()
        timestamps.connect()


def _synchronise_schedules(**_kwargs: object) -> None:
    from medcover.system import jobs

    jobs.synchronise()
