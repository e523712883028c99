"""The pages of an import: the list with the form on top, and what is behind each import."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.admin.season.forms import ChoicesForm, SourceForm
from events.admin.season.rows import TEMPLATES, RowPages, number_of
from events.admin.season.summary import sections_of
from events.models import SeasonImport
from events.season import SeasonReport, drafts
from medcover.backoffice.columns import badge
from medcover.backoffice.paging import Paged
from medcover.backoffice.readonly import ReadOnlyPage
from medcover.common import formats


class ImportColumns(admin.ModelAdmin):
    """What the list shows of one import; costs no query."""

    @admin.display(description=gettext_lazy("Source"), ordering="source")
    def source_column(self, row: SeasonImport) -> str:
        """The name of the file."""
        return row.source

    @admin.display(description=gettext_lazy("Read at"), ordering="created")
    def created_column(self, row: SeasonImport) -> str:
        """The moment in the site's zone."""
        return formats.date_time(row.created, timezone.get_current_timezone())

    @admin.display(description=gettext_lazy("State"), ordering="imported_at")
    def state_column(self, row: SeasonImport) -> SafeString:
        """Whether it waits or is done."""
        if row.is_done:
            return badge("full", "check-lg", _("Imported"))
        return badge("partial", "clock", _("Waits for you"))

    @admin.display(description=gettext_lazy("Kept until"), ordering="expires_at")
    def expires_column(self, row: SeasonImport) -> SafeString:
        """When it is forgotten by itself."""
        moment = formats.date_time(row.expires_at, timezone.get_current_timezone())
        return format_html('<span class="nowrap">{}</span>', moment)


@admin.register(SeasonImport)
class SeasonImportAdmin(RowPages, ReadOnlyPage, Paged, ImportColumns):
    """„Import akcí“: a person's own imports, and nobody else's."""

    right = drafts.RIGHT
    actions = None
    list_display = ("source_column", "created_column", "state_column", "expires_column")
    list_display_links = ("source_column",)
    ordering = ("-created", "-id")
    change_list_template = f"{TEMPLATES}/change_list.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read the person's own imports, as long as they are kept, without what is in them."""
        return self.own_imports(request).defer("season", "deselected", "report")

    # --- the list, and reading ----------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show form and list, or read what was given; what cannot be read comes back as it was typed."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        posted = request.method == "POST"
        form = SourceForm(request.POST, request.FILES) if posted else SourceForm()
        if posted and form.is_valid():
            draft = drafts.begin(form.season, source=form.source, by=request.user, at=timezone.now())
            return HttpResponseRedirect(self.page_url(draft.pk))
        answer = super().changelist_view(request, {"source_form": form, **(extra_context or {})})
        if posted:
            answer.status_code = 422
        return answer

    # --- one import ---------------------------------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what will be imported, or what has been."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        draft = self.own_imports(request).filter(pk=number_of(object_id)).first()
        if draft is None:
            self.message_user(request, _("The import does not exist any more."), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:events_seasonimport_changelist"))
        if draft.report is not None:
            return self._report_page(request, draft, SeasonReport.of_data(draft.report))
        return self._preview_page(request, draft)

    def _preview_page(self, request: HttpRequest, draft: SeasonImport) -> HttpResponse:
        preview = self.preview(request, draft)
        if preview.page.past_end:
            return HttpResponseRedirect(request.path + preview.url())
        context = {**self.context(request, draft), "preview": preview, "choices_form": ChoicesForm(draft=draft)}
        return TemplateResponse(request, f"{TEMPLATES}/preview.html", context)

    def _report_page(self, request: HttpRequest, draft: SeasonImport, report: SeasonReport) -> HttpResponse:
        context = {**self.context(request, draft), "report": report, "sections": list(sections_of(report))}
        return TemplateResponse(request, f"{TEMPLATES}/report.html", context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """An import has no history; what it has written has."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(self.page_url(object_id))
