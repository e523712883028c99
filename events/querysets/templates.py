"""Queryset of event templates."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.db.models import Case, Count, F, Q, When

from events.rules.staffing import Mode
from medcover.common.czech import fold


class TemplateQuerySet(models.QuerySet):
    """Templates."""

    def matching(self, text: str) -> TemplateQuerySet:
        """Templates whose name contains `text`, whatever case and diacritics."""
        return self.filter(name_search__contains=fold(text)) if fold(text) else self

    def with_size(self) -> TemplateQuerySet:
        """Carry `size`: the number of mandatory positions, or the least number of participants."""
        mandatory = Count("positions", filter=Q(positions__is_optional=False))
        by_conditions = When(staffing_mode=Mode.CONDITIONS, then=F("min_participants"))
        return self.annotate(size=Case(by_conditions, default=mandatory))

    def demanding(self, qualifications: Iterable[int]) -> TemplateQuerySet:
        """Templates that demand one of the qualifications."""
        keys = list(qualifications)
        by_position, by_condition = Q(positions__qualifications__in=keys), Q(conditions__qualification__in=keys)
        return self.filter(by_position | by_condition).distinct()
