"""App config: equipment, what the organisation has, where it is and what it is planned for."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EquipmentConfig(AppConfig):
    """Equipment: above the events, beside debriefing, of which it knows nothing."""

    name = "equipment"
    verbose_name = _("Equipment")
    default_auto_field = "django.db.models.BigAutoField"
