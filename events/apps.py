"""App config: events, their places and the people on them."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    """Events, their places and the people on them."""

    name = "events"
    verbose_name = _("Events")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register audited models, notifications, jobs and personal data, and connect the receivers."""
        from events import digest, jobs, listeners, models, notices, slack
        from events.privacy import PlanData
        from medcover.system import audit
        from roster.privacy import registry

        waiting = (models.QueueEntry, models.Offer, models.HandOver)
        for model in (models.MasterEvent, models.EventTemplate, *waiting):
            audit.register(model)
        audit.recorded_by_hand(models.SeasonImport)
        audit.register(models.Event, exclude=[*models.Event.STAFFING_FIGURES, "reminders_sent"])
        audit.register(models.Assignment, exclude=["reminded_at"])
        audit.register(models.StaffingCondition, exclude=["order"])
        audit.register(models.Position, m2m={"qualifications"})
        notices.register()
        digest.register()
        jobs.register()
        listeners.connect()
        slack.register()
        registry.register(PlanData())
        post_migrate.connect(_ensure_general, sender=self, dispatch_uid="events.general")


def _ensure_general(**_kwargs: object) -> None:
    from events.services.masters import ensure_general

    ensure_general()
