"""Outbox and delivery; the words of the messages belong to the apps that send them."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    """Plumbing: knows people only as recipients."""

    name = "notifications"
    verbose_name = _("Notifications")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Audit the switches and have the worker sweep the outbox every minute."""
        from medcover.system import audit, jobs
        from notifications.models import NotificationSwitch

        audit.register(NotificationSwitch)
        jobs.register(jobs.Job("notifications.drain", "notifications.jobs.drain", minutes=1))
