"""Pages of the import of a table of items, and the list as a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from equipment.models import EquipmentItem
from equipment.sheets import export, importing
from equipment.sheets.comparing import Comparison, compare
from equipment.sheets.reading import MOST_ROWS, read_table
from medcover.backoffice.mixins import RowPage, sentence_of
from medcover.common.downloads import XLSX, download
from medcover.common.errors import DomainError, NotAllowed, UnreadableSource

#: So many rows are shown of each sort; the rest are counted.
SHOWN = 100


class SourceForm(forms.Form):
    """The file; valid, the form holds what was read as `table`."""

    file = forms.FileField(
        label=gettext_lazy("Table of items (XLSX or CSV)"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,text/csv"}),
    )

    table: Any = None

    def clean(self) -> dict[str, Any]:
        """Read the file; what cannot be read is an error of it."""
        cleaned = super().clean() or {}
        if file := cleaned.get("file"):
            try:
                self.table = read_table(file.read())
            except UnreadableSource as refusal:
                self.add_error("file", str(refusal))
        return cleaned


class ImportPages(RowPage, admin.ModelAdmin):
    """Admin mixin with the import of items and their export as files."""

    def get_urls(self) -> list[URLResolver | URLPattern]:  # type: ignore[override]
        """Add the pages."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view
        return [
            path("import/", view(self.import_view), name=f"{name}_import"),
            path("import/confirm/", view(self.confirm_view), name=f"{name}_import_confirm"),
            path("export/<slug:ending>/", view(self.export_view), name=f"{name}_export"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Offer the import to whoever may use it."""
        return super().changelist_view(request, {"may_import": _may_import(request), **(extra_context or {})})

    def export_view(self, request: HttpRequest, ending: str) -> HttpResponse:
        """Give the list as it is filtered as a file."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if ending not in {"xlsx", "csv"}:
            raise Http404
        now = timezone.now()
        keys = self._listed(request).order_by().values("pk")
        rows = export.rows_of(EquipmentItem.objects.filter(pk__in=keys).order_by("name_sort", "pk"), now)
        make, kind = (export.to_xlsx, XLSX) if ending == "xlsx" else (export.to_csv, export.CSV)
        return download(make(rows), name=export.file_name(timezone.localtime(now), ending), content_type=kind)

    def _listed(self, request: HttpRequest) -> Any:
        """Return all rows that the address asks for, whatever page of them it names."""
        self._close(request)  # type: ignore[attr-defined]
        asked = request.GET.copy()
        asked.pop(PAGE_VAR, None)
        request.GET = asked  # type: ignore[assignment]
        return self.get_changelist_instance(request).get_queryset(request)

    def import_view(self, request: HttpRequest) -> HttpResponseBase:
        """Ask for a file (GET); show what importing it would do (POST)."""
        if not _may_import(request):
            raise PermissionDenied
        form = SourceForm(request.POST, request.FILES) if request.method == "POST" else SourceForm()
        if form.is_bound and form.is_valid():
            return self._preview(request, form.table)
        context = {**self._context(request), "form": form, "most_rows": MOST_ROWS}
        return TemplateResponse(request, "admin/equipment/equipmentitem/import.html", context)

    def _preview(self, request: HttpRequest, table: Any) -> HttpResponseBase:
        comparison = compare(table)
        context = {
            **self._context(request),
            "comparison": comparison,
            "shown": {kind: [one for one in comparison.outcomes if one.kind == kind][:SHOWN]
                      for kind in comparison.counts},
            "sealed": importing.sealed(table, comparison),
        }  # fmt: skip
        return TemplateResponse(request, "admin/equipment/equipmentitem/import_preview.html", context)

    def confirm_view(self, request: HttpRequest) -> HttpResponseBase:
        """Import what was looked through, and go to the list."""
        if not _may_import(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseRedirect(reverse(self.address_name("import")))
        try:
            comparison = importing.carry_out(request.POST.get("sealed", ""), by=request.user)
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except (DomainError, ValidationError) as refusal:
            self.message_user(request, sentence_of(refusal), messages.ERROR)
            return HttpResponseRedirect(reverse(self.address_name("import")))
        self.message_user(request, _told(comparison), messages.SUCCESS)
        return HttpResponseRedirect(reverse(self.address_name("changelist")))

    def _context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Import of equipment"),
            "list_url": reverse(self.address_name("changelist")),
        }


def _may_import(request: HttpRequest) -> bool:
    return request.user.has_perms(["equipment.add_equipmentitem", "equipment.change_equipmentitem"])


def _told(comparison: Comparison) -> str:
    counts = comparison.counts
    made = ngettext("%d item created", "%d items created", counts["new"]) % counts["new"]
    changed = ngettext("%d changed", "%d changed", counts["changed"]) % counts["changed"]
    left = ngettext("%d row left out", "%d rows left out", counts["faulty"]) % counts["faulty"]
    return f"{made}, {changed}, {left}."
