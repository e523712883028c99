"""Querysets of qualifications and holdings; eligibility is asked in SQL through the stored closure."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Count, Exists, OuterRef, Prefetch, Q

from medcover.common.czech import fold


class QualificationQuerySet(models.QuerySet):
    """Qualifications."""

    def living(self) -> QualificationQuerySet:
        """Qualifications that have not been deleted."""
        return self.filter(is_deleted=False)

    def deleted(self) -> QualificationQuerySet:
        """Qualifications that have been deleted and only link their neighbours."""
        return self.filter(is_deleted=True)

    def matching(self, text: str) -> QualificationQuerySet:
        """Qualifications whose name contains `text`, whatever case and diacritics."""
        return self.filter(name_search__contains=fold(text)) if fold(text) else self

    def with_holders_counted(self) -> QualificationQuerySet:
        """Carry `holder_count`: how many people who have not left hold it directly, valid today or not."""
        return self.annotate(holder_count=Count("holdings", filter=Q(holdings__person__is_archived=False)))

    def with_living_substitutes(self) -> QualificationQuerySet:
        """Carry `living_substitutes`, in order of name."""
        living = type(self)(self.model).living()
        return self.prefetch_related(Prefetch("direct_substitutes", living, to_attr="living_substitutes"))

    def leading(self) -> QualificationQuerySet:
        """Living qualifications whose direct holders may be responsible person."""
        return self.living().filter(can_lead=True)


class HoldingQuerySet(models.QuerySet):
    """Holdings."""

    def living(self) -> HoldingQuerySet:
        """Holdings of qualifications that have not been deleted."""
        return self.filter(qualification__is_deleted=False)

    def shown(self) -> HoldingQuerySet:
        """What is told about people: holdings of living qualifications, by name, each with its qualification."""
        return self.living().select_related("qualification").order_by("qualification__name_sort", "pk")

    def valid_on(self, day: date | models.F | Any) -> HoldingQuerySet:
        """Holdings that count on `day`, a date or an SQL expression of one."""
        return self.living().filter(Q(valid_until__isnull=True) | Q(valid_until__gte=day))

    def held_by_those_who_stay(self) -> HoldingQuerySet:
        """Holdings of living qualifications by people who have not left."""
        return self.living().filter(person__is_archived=False)

    def ending_between(self, first: date, last: date) -> HoldingQuerySet:
        """Holdings whose last day is one of these, both included."""
        return self.filter(valid_until__gte=first, valid_until__lte=last)

    def satisfying(self, requirement: Any) -> HoldingQuerySet:
        """Holdings of the required qualification or of one that stands in for it."""
        return self.filter(qualification__satisfies__requirement=requirement)

    def leading(self) -> HoldingQuerySet:
        """Holdings that make their person able to lead."""
        return self.living().filter(qualification__can_lead=True)


def holds_for(requirement: OuterRef, *, person: Any, day: Any) -> Exists:
    """SQL condition: `person` (key or OuterRef) satisfies the outer query's `requirement` on `day`."""
    from credentials.models import Holding

    return Exists(Holding.objects.valid_on(day).satisfying(requirement).filter(person=person))
