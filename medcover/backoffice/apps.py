"""The backoffice takes the place of Django's admin app."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig


class BackofficeConfig(AdminConfig):
    """Django's admin, with our own site as the default one."""

    default_site = "medcover.backoffice.site.Backoffice"
