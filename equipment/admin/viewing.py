"""Admin mixin: whoever may see equipment sees it here, too."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from equipment.policies import VIEW


class SeenWithEquipment(admin.ModelAdmin):
    """Pages of rows that are read with the one right to equipment; each change has a right of its own."""

    #: What the page of a new row is called.
    title_of_new: Any = ""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Name the app for whoever may see equipment."""
        return request.user.has_perm(VIEW)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask the one right."""
        return request.user.has_perm(VIEW)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Head the page with the name that is stored, not with the one being typed."""
        stored = self.model._default_manager.filter(pk=obj.pk).first() if obj else None
        context |= {"title": stored or self.title_of_new, "subtitle": None}
        return super().render_change_form(request, context, add, change, form_url, obj)
