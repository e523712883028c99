"""What is covered and by whom."""

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
        """Declare what is audited, told and scheduled, and listen to the floors below."""
        from events import jobs, listeners, notices
        from events.models import (
            Assignment,
            Event,
            HandOver,
            MasterEvent,
            Offer,
            Position,
            QueueEntry,
            StaffingCondition,
        )
        from medcover.system import audit

        for model in (MasterEvent, Event, StaffingCondition, Assignment, QueueEntry, Offer, HandOver):
            audit.register(model)
        audit.register(Position, m2m={"qualifications"})
        notices.register()
        jobs.register()
        listeners.connect()
        post_migrate.connect(_ensure_general, sender=self, dispatch_uid="events.general")


def _ensure_general(**_kwargs: object) -> None:
    from events.services.masters import ensure_general

    ensure_general()
