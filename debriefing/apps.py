"""App config: debriefing, what people report after an event."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DebriefingConfig(AppConfig):
    """Debriefing: above the events and the equipment, as what people miss is both."""

    name = "debriefing"
    verbose_name = _("Debriefing")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register notifications, jobs and personal data, and connect the receivers.

        No model is recorded by itself: the record would keep what is confidential. Services say what was done.
        """
        from debriefing import digest, jobs, listeners, notices
        from debriefing.privacy import DebriefingData
        from roster.privacy import registry

        notices.register()
        jobs.register()
        digest.register()
        listeners.connect()
        registry.register(DebriefingData())
