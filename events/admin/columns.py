"""Columns of the event change list; none of them costs a query."""

from __future__ import annotations

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from events.models import Event
from events.rules.lifecycle import Status
from events.templatetags import badges
from medcover.backoffice.columns import NothingLast
from medcover.common import formats


class EventColumns(admin.ModelAdmin):
    """Admin mixin with the columns as methods."""

    @admin.display(description=_("Time"), ordering="start")
    def time_column(self, event: Event) -> SafeString:
        """The local day, and below it weekday, beginning and length."""
        zone = timezone.get_current_timezone()
        times = formats.event_time(event.start, event.end, formats.EventTimeStyle.DURATION, zone)
        day = f"{event.start.astimezone(zone):%d.%m.%Y}"
        return format_html('<span class="nowrap">{}<br>{}</span>', day, times)

    @admin.display(description=_("Name"), ordering="name_sort")
    def name_column(self, event: Event) -> SafeString:
        """The name, its master event unless that is the general one, type and whether it is paid."""
        css = "is-struck" if event.status == Status.CANCELLED else ""
        master = event.master_event
        behind = "" if master.is_general else format_html('<span class="quiet">({})</span>', master.name)
        return format_html('<span class="{}">{}</span> {} {}', css, event.name, behind, badges.kind_badges(event))

    @admin.display(description=_("Status"), ordering="status")
    def status_column(self, event: Event) -> SafeString:
        """Badge of the status."""
        return badges.event_status(event)

    @admin.display(description=_("Staffing"), ordering="needed_people")
    def staffing_column(self, event: Event) -> SafeString | str:
        """Who is there and who is needed, and whether it can take place as planned; nothing for what will not."""
        if event.status == Status.CANCELLED:
            return "—"
        staffing = badges.staffing_badge(event.staffing, bare=event.readiness)
        return staffing + badges.readiness_line(event.readiness, leader_elsewhere=True)

    @admin.display(description=_("Responsible person"), ordering=NothingLast("responsible_person__name_sort"))
    def leader_column(self, event: Event) -> SafeString | str:
        """The name, or that somebody is missing where one is needed."""
        if event.responsible_person:
            return event.responsible_person.name
        if event.status in (Status.DRAFT, Status.CANCELLED):
            return "—"
        return badges.leader_missing_badge()
