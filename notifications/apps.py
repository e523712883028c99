"""Outbox and delivery; the words of the messages belong to the apps that send them."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    """Plumbing: knows people only as recipients."""

    name = "notifications"
    verbose_name = _("Notifications")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Audit switches and digest, declare the digest's own blocks, and have the worker sweep the outbox."""
        from medcover.system import audit, jobs
        from notifications import checks, digest
        from notifications.digest import users_feedback
        from notifications.models import NotificationSwitch, OutboxMessage
        from notifications.slack import checks as slack_checks
        from notifications.slack import posting

        audit.register(NotificationSwitch)
        audit.recorded_by_hand(OutboxMessage)
        checks.register()
        slack_checks.register()
        digest.register()
        users_feedback.register()
        posting.register()
        jobs.register(jobs.Job("notifications.drain", "notifications.jobs.drain", minutes=1))
        jobs.register(jobs.Job("notifications.slack", "notifications.slack.jobs.answer_waiting", minutes=1))
        post_migrate.connect(_make_digest, sender=self, dispatch_uid="notifications.digest")


def _make_digest(**_kwargs: object) -> None:
    from notifications.digest.services import load

    load()
