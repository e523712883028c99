"""Paging of change lists: whatever page is asked for, some page is shown."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin import ShowFacets, helpers
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as words_of_django

from medcover.backoffice.lookups import ClosedChangeList, ClosedLookups
from medcover.common.paging import page_number, page_query

_BOX = '<input type="checkbox" name="{}" value="{}" class="action-select" aria-label="{}">'


class PastEnd(Exception):
    """The page asked for lies behind the last one, which is `last`."""

    def __init__(self, last: int) -> None:
        super().__init__(last)
        self.last = last


class PagedChangeList(ClosedChangeList):
    """Reads the page number as leniently as the lists of the member pages do."""

    def get_results(self, request: HttpRequest) -> None:
        """Show the page asked for; raise PastEnd when there are not that many."""
        self.page_num = page_number(request.GET.get(PAGE_VAR))
        try:
            super().get_results(request)
        except IncorrectLookupParameters as error:
            raise PastEnd(self._last_page(request)) from error
        if self.page_num > self.paginator.num_pages:
            raise PastEnd(self.paginator.num_pages)

    def _last_page(self, request: HttpRequest) -> int:
        pages: int = self.model_admin.get_paginator(request, self.queryset, self.list_per_page).num_pages
        return pages


class Paged(ClosedLookups):
    """Admin mixin for a list with a heading; a page behind the end leads to the last one, with all filters kept."""

    list_per_page = 30
    show_full_result_count = False
    show_facets = ShowFacets.NEVER

    @admin.display(description=mark_safe('<input type="checkbox" id="action-toggle">'))
    def action_checkbox(self, obj: Any) -> SafeString:
        """Draw the box of a row as the admin does, without a widget and two templates for each."""
        label = words_of_django("Select this object for an action - {}").format(obj)
        return format_html(_BOX, helpers.ACTION_CHECKBOX_NAME, obj.pk, label)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Use our reading of page numbers."""
        return PagedChangeList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list."""
        title = capfirst(str(self.opts.verbose_name_plural))
        try:
            return super().changelist_view(request, {"title": title, **(extra_context or {})})
        except PastEnd as end:
            return HttpResponseRedirect(page_query(request.GET, end.last, PAGE_VAR))
