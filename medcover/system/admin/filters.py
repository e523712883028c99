"""List filters of the audit record."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from medcover.backoffice.filters import SwitchFilter
from medcover.backoffice.typed_filters import Box, TypedFilter
from medcover.common.czech import sort_key
from medcover.system.audit import recorded_models
from medcover.system.models import AuditEntry


class EntityFilter(SimpleListFilter):
    """Entries about one kind of row, named "app.model"."""

    title = _("entity")
    parameter_name = "entity"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer every kind that is recorded."""
        kinds = [(model._meta.label_lower, capfirst(str(model._meta.verbose_name))) for model in recorded_models()]
        return sorted(kinds, key=lambda kind: sort_key(kind[1]))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep the chosen kind; an unknown one is no choice."""
        if self.value() not in dict(self.lookup_choices):
            return queryset
        return queryset.filter(content_type=ContentType.objects.get_by_natural_key(*str(self.value()).split(".")))


class RowFilter(SimpleListFilter):
    """Entries about one row; offered only to whoever came here from that row."""

    title = _("row")
    parameter_name = "object"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Name the row's key."""
        asked = request.GET.get(self.parameter_name)
        return [(asked, _("Only this one: %s") % asked)] if asked else []

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep the entries of the row."""
        return queryset.filter(object_pk=self.value()) if self.value() else queryset


class KindFilter(SimpleListFilter):
    """Entries of one kind of change."""

    title = _("kind of change")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer all kinds."""
        return list(AuditEntry.Kind.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep the chosen kind."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


class ActorFilter(TypedFilter):
    """Filter by actor, by a part of the name or e-mail: too many people act for a list of them."""

    title = _("user")
    boxes = (Box("actor", _("Name or e-mail")),)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep what the people of this name did."""
        if not self.is_used:
            return queryset
        people = get_user_model().objects.matching(self.typed["actor"])
        return queryset.filter(actor__in=people)


class SystemFilter(SwitchFilter):
    """Filter for what the system did by itself."""

    title = _("system")
    parameter_name = "system"
    label = _("Only the system")

    def narrowed(self, queryset: Any) -> Any:
        """Keep entries without an actor."""
        return queryset.filter(actor=None)


class DayFilter(TypedFilter):
    """Filter from one day to another, both included, in the site's zone; what is no day is ignored."""

    title = _("time")
    boxes = (Box("from", _("From"), "date"), Box("to", _("To"), "date"))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep the entries of these days."""
        first, last = (_day(self.typed[name]) for name in ("from", "to"))
        if first:
            queryset = queryset.filter(timestamp__gte=_midnight(first))
        if last and last < date.max:
            queryset = queryset.filter(timestamp__lt=_midnight(last + timedelta(days=1)))
        return queryset


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
