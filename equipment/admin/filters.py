"""List filters of equipment."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from medcover.backoffice.filters import DefaultFilter, SwitchFilter


class ArchiveFilter(DefaultFilter):
    """Choice between what is in use and what has been archived."""

    title = _("archive")
    parameter_name = "archive"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the choices, the default first."""
        return [("no", _("In use")), ("yes", pgettext_lazy("equipment, several", "Archived"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep the chosen side."""
        return queryset.filter(is_archived=self.value() == "yes")


class HolderFilter(SimpleListFilter):
    """Choice between what somebody has and what nobody has."""

    title = _("issue")
    parameter_name = "issue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the choices."""
        return [("issued", _("Issued")), ("stock", _("In stock")), ("left", _("With people who have left"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep the chosen side."""
        if self.value() == "issued":
            return queryset.issued()
        if self.value() == "left":
            return queryset.held_by_those_who_left()
        return queryset.in_stock() if self.value() == "stock" else queryset


class AvailabilityFilter(SimpleListFilter):
    """Choice between what can be used now and what cannot."""

    title = _("availability")
    parameter_name = "availability"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the choices."""
        return [("usable", _("Usable now")), ("unusable", _("Out of service, expired, not inspected or lost"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep the chosen side."""
        now = timezone.now()
        if self.value() == "usable":
            return queryset.available_at(now)
        return queryset.unavailable_at(now) if self.value() == "unusable" else queryset


class ServiceDueFilter(SwitchFilter):
    """What should be serviced by now."""

    title = _("service")
    parameter_name = "due"
    label = _("Service is due")

    def narrowed(self, queryset: Any) -> Any:
        """Keep what is due."""
        return queryset.service_due_by(timezone.localdate())


class InspectionFilter(SwitchFilter):
    """What should have been inspected before today."""

    title = _("inspections")
    parameter_name = "inspection"
    label = _("Inspection overdue")

    def narrowed(self, queryset: Any) -> Any:
        """Keep what is overdue."""
        return queryset.inspection_overdue_on(timezone.localdate())


class PlannedFilter(SimpleListFilter):
    """Choice between types with plans of inspections and those without."""

    title = _("inspections")
    parameter_name = "inspection"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the choices."""
        return [("planned", _("With plans of inspections")), ("none", _("Without plans of inspections"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep the chosen side."""
        if self.value() == "planned":
            return queryset.inspected()
        return queryset.exclude(pk__in=queryset.inspected().values("pk")) if self.value() == "none" else queryset
