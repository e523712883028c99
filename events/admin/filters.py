"""List filters of the event admin; the list opens on what is still to come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Event, MasterEvent
from medcover.backoffice.filters import DefaultFilter, SwitchFilter


class TimeFilter(DefaultFilter):
    """Choice of what is to come, what is over, or both."""

    title = _("time")
    parameter_name = "time"
    PAST = "past"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the choices, the default first."""
        soon = [("7", _("Next 7 days")), ("30", _("Next 30 days"))]
        return [("upcoming", _("Upcoming")), *soon, (self.PAST, _("Past")), ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Events still running count as upcoming."""
        now = timezone.now()
        asked = self.value()
        if asked == "upcoming":
            return queryset.not_ended(now)
        if asked.isdigit():
            return queryset.coming(now, now + timedelta(days=int(asked)))
        return queryset.filter(end__lte=now) if asked == self.PAST else queryset


class ArchiveFilter(DefaultFilter):
    """Choice whether archived rows are shown; for every model with `is_archived`."""

    title = _("archive")
    parameter_name = "archive"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the choices, the default first."""
        return [("no", _("Not archived")), ("yes", _("Archived")), ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep the rows of the chosen side."""
        return queryset if self.value() == "all" else queryset.filter(is_archived=self.value() == "yes")


class MasterFilter(SimpleListFilter):
    """Filter by master event, chosen from a select, because there may be many."""

    title = _("master event")
    parameter_name = "master"
    template = "admin/events/event/filter_master.html"
    #: The other parameters of the address, for the form around the select; set with the choices.
    kept: list[tuple[str, str]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the living master events, and the archived one that is being looked at."""
        masters = MasterEvent.objects.values_list("pk", "name", "is_archived")
        asked = request.GET.get(self.parameter_name)
        return [(str(pk), str(name)) for pk, name, archived in masters if not archived or str(pk) == asked]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep the events of the chosen master event; an unknown key is no choice."""
        known = {key for key, _name in self.lookup_choices}
        return queryset.filter(master_event=self.value()) if self.value() in known else queryset

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Yield the options of the select."""
        own = {self.parameter_name, PAGE_VAR}
        self.kept = [(key, str(value)) for key, value in self.request.GET.items() if key not in own]
        yield {"key": "", "selected": not self.value(), "display": _("All master events")}
        for key, name in self.lookup_choices:
            yield {"key": key, "selected": key == self.value(), "display": name}


class ShortFilter(SwitchFilter):
    """Filter for events that people could already join and that still need somebody."""

    title = _("staffing")
    parameter_name = "short"
    label = _("Short of people")

    def narrowed(self, queryset: Any) -> Any:
        """Keep running events with a free mandatory position."""
        return queryset.running().short_of_people()


class LeaderlessFilter(SwitchFilter):
    """Filter for events that nobody leads."""

    title = Event._meta.get_field("responsible_person").verbose_name
    parameter_name = "leaderless"
    label = _("Missing")

    def narrowed(self, queryset: Any) -> Any:
        """Keep running events without a responsible person."""
        return queryset.without_responsible_person()
