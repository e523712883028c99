"""Permissions of debriefing, because the roles name them already; its models come with the feature itself."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class DebriefingRights(models.Model):
    """Holds the permissions of this app; has no table."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [
            ("submit_own_debriefing", _("Can submit the own debriefing")),
            ("view_own_debriefing", _("Can read the own debriefing")),
            ("view_all_debriefings", _("Can read everybody's confidential answers")),
            ("manage_debriefings", _("Can manage debriefings")),
        ]
