"""History of one row: what the audit record says about it, for whoever may open its form.

It takes the place of the admin's own history, whose log our services leave empty.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from medcover.common.paging import page_number
from medcover.system import audit_history

RIGHT = "system.view_administration"
#: Rows of these apps are what is planned, and whoever plans may read how they came about. What happened to an account,
#: to mails or to settings is for administrators.
PLANNED = frozenset({"events", "equipment", "credentials"})
PER_PAGE = 50


class RecordedHistory(admin.ModelAdmin):
    """Admin mixin whose page of the history of a row reads the audit record."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what happened to the row, newest first."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined,no-any-return]
        if not self.has_view_or_change_permission(request, row) or not may_read(request.user, row):
            raise PermissionDenied
        entries = audit_history.entries_about(row)
        paginator = Paginator(entries.select_related("actor", "content_type"), PER_PAGE)
        page = paginator.get_page(page_number(request.GET.get("page")))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("History of changes"),
            "row": row,
            "row_url": self._address_of(row),
            "label": self.opts.label_lower,
            "history": audit_history.lines_of(list(page)),
            "page_obj": page,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/row_history.html", context)

    def _address_of(self, row: Any) -> str:
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[row.pk])


def may_read(reader: Any, row: Any) -> bool:
    """Say whether somebody who may open a row may also read what happened to it."""
    return row._meta.app_label in PLANNED or reader.has_perm(RIGHT)
