"""Admin of the audit record: read, filtered, never changed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from medcover.backoffice.columns import badge
from medcover.backoffice.paging import Paged
from medcover.backoffice.readonly import ReadOnlyPage
from medcover.common import formats
from medcover.system import audit_history
from medcover.system.admin import filters
from medcover.system.models import AuditEntry

Kind = AuditEntry.Kind

#: Kind → class of the badge and its icon; the rest are quiet.
_BADGES = {
    Kind.CREATE: ("open", "plus-lg"),
    Kind.EDIT: ("kind", "pencil"),
    Kind.DELETE: ("short", "trash"),
    Kind.STATUS: ("published", "arrow-left-right"),
    Kind.ARCHIVE: ("draft", "archive"),
    Kind.UNARCHIVE: ("kind", "arrow-counterclockwise"),
    Kind.EXPORT: ("kind", "download"),
    Kind.ERASE: ("short", "trash"),
    Kind.RESEND: ("kind", "arrow-clockwise"),
    Kind.MAIL_FAILED: ("short", "envelope"),
    Kind.ERROR: ("short", "exclamation-triangle"),
}


@admin.register(AuditEntry)
class AuditAdmin(ReadOnlyPage, Paged):
    """Every recorded change, newest first."""

    right = "system.view_administration"
    list_display = ("time_column", "actor_column", "kind_column", "entity_column", "summary_column")
    list_display_links = ("time_column",)
    list_filter = (
        filters.DayFilter, filters.ActorFilter, filters.SystemFilter, filters.KindFilter, filters.EntityFilter,
        filters.RowFilter,
    )  # fmt: skip
    list_select_related = ("actor", "content_type")
    list_per_page = 50
    list_max_show_all = 0
    search_fields = ("summary",)
    search_help_text = gettext_lazy("Words of the summary")
    ordering = ("-id",)
    sortable_by = ()
    actions = None
    fields = (
        "number_column", "time_column", "actor_column", "kind_column", "entity_column", "key_column", "summary_column",
    )  # fmt: skip
    readonly_fields = fields
    change_form_template = "admin/system/auditentry/change_form.html"

    @admin.display(description=gettext_lazy("Time"))
    def time_column(self, entry: AuditEntry) -> str:
        """To the minute, in the site's zone."""
        return formats.date_time(entry.timestamp, timezone.get_current_timezone())

    @admin.display(description=gettext_lazy("User"))
    def actor_column(self, entry: AuditEntry) -> str:
        """Who did it; nobody is the system itself."""
        return str(entry.actor) if entry.actor else _("System")

    @admin.display(description=gettext_lazy("Kind"))
    def kind_column(self, entry: AuditEntry) -> SafeString:
        """Badge of the kind of change."""
        known = entry.kind in Kind.values
        look = _BADGES.get(Kind(entry.kind), ("kind", "info-circle")) if known else ("kind", "info-circle")
        return badge(*look, Kind(entry.kind).label if known else entry.kind)

    @admin.display(description=gettext_lazy("Entity"))
    def entity_column(self, entry: AuditEntry) -> SafeString | str:
        """What it is about, as a link where it has a page; a part of an event leads to the event."""
        model = entry.content_type.model_class()
        name = capfirst(str(model._meta.verbose_name)) if model else entry.content_type.name
        url = self._page_of(entry, model)
        return format_html('<a href="{}">{}</a>', url, name) if url else name

    @admin.display(description=gettext_lazy("Summary"))
    def summary_column(self, entry: AuditEntry) -> str:
        """The sentence."""
        return str(entry)

    @admin.display(description=gettext_lazy("Number of the entry"))
    def number_column(self, entry: AuditEntry) -> int:
        """Entries are numbered in the order in which they were made."""
        return int(entry.pk)

    @admin.display(description=gettext_lazy("Key of the row"))
    def key_column(self, entry: AuditEntry) -> str:
        """What the row is called in the database."""
        return str(entry.object_pk)

    def _page_of(self, entry: AuditEntry, model: Any) -> str:
        if model is not None and self.admin_site.is_registered(model) and entry.action != AuditEntry.Action.DELETE:
            name = f"{model._meta.app_label}_{model._meta.model_name}"
            return reverse(f"{self.admin_site.name}:{name}_change", args=[entry.object_pk])
        if entry.event_id is not None:
            return reverse(f"{self.admin_site.name}:events_event_change", args=[entry.event_id])
        return ""

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Show the changed values below the facts."""
        context |= {"title": str(obj), "subtitle": None, "changes": audit_history.changes_of(obj)}
        return super().render_change_form(request, context, add, change, form_url, obj)
