"""Permissions of the reports, which read other apps' rows and have none of their own."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReportRights(models.Model):
    """Holds the permissions of this app; has no table."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [
            ("view_reports", _("Can view reports")),
            ("generate_work_report", _("Can make the own work report")),
            ("generate_any_work_report", _("Can make another person's work report")),
        ]
