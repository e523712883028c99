"""Placed in INSTALLED_APPS by medcover.settings."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DebriefingConfig(AppConfig):
    """Debriefing of the installation; see the README beside this file."""

    name = "debriefing"
    verbose_name = _("Debriefing")
    default_auto_field = "django.db.models.BigAutoField"
