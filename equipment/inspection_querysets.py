"""Querysets of repeating checks: their plans, results, and how items stand."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.db.models import DateField, ExpressionWrapper, F, Q, Value


class PlanQuerySet(models.QuerySet):
    """Plans of inspections."""

    def in_use(self) -> PlanQuerySet:
        """Plans that have not been archived."""
        return self.filter(is_archived=False)

    def by_name(self) -> PlanQuerySet:
        """Read with their types, in the order of these and of their own names."""
        return self.select_related("type").order_by("type__name_sort", "name_sort", "pk")


class ResultQuerySet(models.QuerySet):
    """Results of inspections."""

    def counting(self) -> ResultQuerySet:
        """Results that have neither been corrected nor withdrawn."""
        return self.filter(correction__isnull=True).exclude(outcome="void")

    def in_order(self) -> ResultQuerySet:
        """By the day of the inspection, those of one day as they were recorded."""
        return self.order_by("done_on", "pk")

    def with_names(self) -> ResultQuerySet:
        """Read with each the people, the plan and the file; newest first."""
        read = self.select_related("plan", "done_by", "recorded_by", "protocol", "correction")
        return read.order_by("-done_on", "-pk")


class InspectionQuerySet(models.QuerySet):
    """How items stand with the inspections of their type."""

    def in_use(self) -> InspectionQuerySet:
        """Those of items that have not been archived."""
        return self.filter(item__is_archived=False)

    def overdue_on(self, day: date) -> InspectionQuerySet:
        """Those whose last day was before `day`."""
        return self.filter(due_on__lt=day)

    def due_by(self, day: date) -> InspectionQuerySet:
        """Those due on this day or before."""
        return self.filter(due_on__lte=day)

    def reminded_on(self, day: date) -> InspectionQuerySet:
        """Those due within as many days as their plan reminds ahead."""
        ahead: Any = Value(day, output_field=DateField()) + F("plan__remind_days")
        return self.filter(due_on__lte=ExpressionWrapper(ahead, output_field=DateField()))

    def failed(self) -> InspectionQuerySet:
        """Those that were not passed the last time."""
        return self.filter(last_result__outcome="failed")

    def never_made(self) -> InspectionQuerySet:
        """Those of which no result is known."""
        return self.filter(last_result__isnull=True)

    def matching(self, *, type: Any = None, location: Any = None, plan: Any = None) -> InspectionQuerySet:  # noqa: A002
        """Those of a type, of items of a location, of a plan; None leaves it open."""
        asked = {"item__type": type, "item__location": location, "plan": plan}
        return self.filter(Q(**{name: value for name, value in asked.items() if value}))

    def with_names(self) -> InspectionQuerySet:
        """Read with item, plan and last result; what is due first, by name."""
        return self.select_related("item__type", "item__location", "plan", "last_result").by_day()

    def by_day(self) -> InspectionQuerySet:
        """Put what is due first, by name."""
        return self.order_by(F("due_on").asc(nulls_last=True), "item__name_sort", "plan__name_sort", "pk")
