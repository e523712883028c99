"""Querysets of work reports."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from reports.models import WorkReport  # noqa: F401 - what the rows of the queryset are

#: So long a file is kept after it was made.
KEPT = timedelta(days=1)


class WorkReportQuerySet(models.QuerySet["WorkReport"]):
    """Work reports."""

    def made_by(self, maker: Any) -> WorkReportQuerySet:
        """Reports of whoever made them, the only one who sees them."""
        return self.filter(made_by=maker.pk)

    def about(self, person: Any) -> WorkReportQuerySet:
        """Reports of one person's work."""
        return self.filter(person=person.pk)

    def concerning(self, person_id: Any) -> WorkReportQuerySet:
        """Reports that a person made, or that are about them."""
        return self.filter(Q(made_by=person_id) | Q(person=person_id))

    def kept_at(self, at: datetime) -> WorkReportQuerySet:
        """Reports that can still be downloaded."""
        return self.filter(made_at__gt=at - KEPT)

    def expired_at(self, at: datetime) -> WorkReportQuerySet:
        """Reports that are to be deleted."""
        return self.filter(made_at__lte=at - KEPT)

    def newest_month_first(self) -> WorkReportQuerySet:
        """Order by the month they are about."""
        return self.order_by("-month", "pk")
