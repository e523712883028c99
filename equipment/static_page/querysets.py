"""Querysets of pushes of the static page."""

from __future__ import annotations

from django.db import models

from medcover.common.db import Constant


class PushQuerySet(models.QuerySet):
    """Pushes of the static page."""

    def pending(self) -> PushQuerySet:
        """Those that wait, the oldest first."""
        return self.filter(status=Constant("pending")).order_by("asked_at", "pk")

    def ended(self) -> PushQuerySet:
        """Those that have been written or given up, the latest first."""
        return self.exclude(status="pending").order_by("-ended_at", "-pk")
