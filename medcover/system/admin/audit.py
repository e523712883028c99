"""Admin of the audit record: read, filtered, never changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from medcover.backoffice.columns import badge
from medcover.backoffice.paging import Paged
from medcover.backoffice.readonly import ReadOnlyPage
from medcover.common import formats
from medcover.common.downloads import XLSX
from medcover.common.errors import DomainError
from medcover.system import audit_export, audit_history
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


def _tells_of_deletion(entry: AuditEntry) -> bool:
    return entry.kind == Kind.DELETE or entry.action == AuditEntry.Action.DELETE


def _csv(rows: Iterator[list[Any]], name: str) -> HttpResponseBase:
    response = StreamingHttpResponse(audit_export.as_csv(rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _xlsx(rows: Iterator[list[Any]], name: str) -> HttpResponseBase:
    response = FileResponse(audit_export.as_workbook(rows), as_attachment=True, filename=name, content_type=XLSX)
    response.headers["Cache-Control"] = "private, no-store"
    return response


#: Ending of the address → the file.
_FILES = {"csv": _csv, "xlsx": _xlsx}


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
    change_list_template = "admin/system/auditentry/change_list.html"
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

    def _own_page_of(self, entry: AuditEntry, model: Any) -> str:
        """The page of the row itself; what was deleted has none."""
        if model is None or not self.admin_site.is_registered(model) or _tells_of_deletion(entry):
            return ""
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        return reverse(f"{self.admin_site.name}:{name}_change", args=[entry.object_pk])

    def _page_of(self, entry: AuditEntry, model: Any) -> str:
        if own := self._own_page_of(entry, model):
            return own
        if entry.event_id is not None:
            return reverse(f"{self.admin_site.name}:events_event_change", args=[entry.event_id])
        return ""

    def get_urls(self) -> list[URLResolver | URLPattern]:  # type: ignore[override]
        """Add the record as a file."""
        export = self.admin_site.admin_view(require_POST(self.export_view))
        return [path("export/<str:ending>/", export, name="system_auditentry_export"), *super().get_urls()]

    def export_view(self, request: HttpRequest, ending: str) -> HttpResponseBase:
        """Give out the entries that the filters in the address leave, as CSV or a workbook."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if ending not in _FILES:
            raise Http404
        self._close(request)
        entries = self.get_changelist_instance(request).get_queryset(request).order_by()
        try:
            held = audit_export.allow(entries, to=ending, filters=request.GET.urlencode(), by=request.user)
        except DomainError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(f"{reverse('admin:system_auditentry_changelist')}?{request.GET.urlencode()}")
        return _FILES[ending](audit_export.rows_of(held), audit_export.file_name(timezone.localtime(), ending))

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
        model = obj.content_type.model_class()
        label = f"{obj.content_type.app_label}.{obj.content_type.model}"
        context |= {
            "title": str(obj),
            "subtitle": None,
            "changes": audit_history.changes_of(obj),
            "actor_url": reverse("admin:roster_user_change", args=[obj.actor_id]) if obj.actor_id else "",
            "row_url": self._own_page_of(obj, model),
            "event_url": reverse("admin:events_event_change", args=[obj.event_id]) if obj.event_id else "",
            "about_url": reverse(
                "admin:system_auditentry_changelist", query={"entity": label, "object": obj.object_pk}
            ),
        }
        return super().render_change_form(request, context, add, change, form_url, obj)
