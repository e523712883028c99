"""The site that holds the backoffice pages."""

from __future__ import annotations

from django.contrib.admin import AdminSite


class Backoffice(AdminSite):
    """Django's admin site under our name."""
