"""The list of items as a file, with the filters of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from equipment.forms.listing import ItemFilter
from equipment.sheets import export
from equipment.views.requests import readers_only
from medcover.common.downloads import XLSX, download


@readers_only
@require_safe
def export_xlsx(request: HttpRequest) -> HttpResponse:
    """Give the items that match what the address asks for as a workbook."""
    return _file(request, export.to_xlsx, "xlsx", XLSX)


@readers_only
@require_safe
def export_csv(request: HttpRequest) -> HttpResponse:
    """Give the items that match what the address asks for as CSV."""
    return _file(request, export.to_csv, "csv", export.CSV)


def _file(
    request: HttpRequest, make: Callable[[Iterable[list[Any]]], bytes], ending: str, content_type: str
) -> HttpResponse:
    form, now = ItemFilter(request.GET), timezone.now()
    items = form.ordered(form.found(request.user, now))
    content = make(export.rows_of(items, now))
    return download(content, name=export.file_name(timezone.localtime(now), ending), content_type=content_type)
