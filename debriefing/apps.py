"""App config: debriefing, what people report after an event."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DebriefingConfig(AppConfig):
    """Debriefing: above the events, beside equipment, of which it knows nothing."""

    name = "debriefing"
    verbose_name = _("Debriefing")
    default_auto_field = "django.db.models.BigAutoField"
