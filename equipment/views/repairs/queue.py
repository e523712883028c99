"""The queue of open repairs, as a page and as a file."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from equipment.forms.repairs import RepairFilter
from equipment.models import Repair
from equipment.repairs import export
from equipment.repairs.rules import days_between
from equipment.sheets.writing import CSV
from equipment.views.requests import workers_only
from medcover.common import paging
from medcover.common.downloads import download

PER_PAGE = 30


@dataclass(frozen=True)
class Row:
    """A repair, and how many whole days ago it was reported."""

    repair: Repair
    days: int


@workers_only
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Show one page of the open repairs that match what the address asks for."""
    form, now = RepairFilter(request.GET), timezone.now()
    found = form.found(request.user)
    page = paging.slice_of(form.ordered(found).with_names(), request.GET.get("page"), PER_PAGE, counted=found)
    if page.past_end:
        return redirect(f"{request.path}{paging.page_query(request.GET, page.number)}")
    context = {
        "form": form,
        "rows": [Row(repair, days_between(repair.created, now)) for repair in page.page],
        "page_obj": page.page,
        "total": page.total,
        "query": request.GET.urlencode(),
    }
    return render(request, "equipment/repairs/queue.html", context)


@workers_only
@require_safe
def export_csv(request: HttpRequest) -> HttpResponse:
    """Give the open repairs that match what the address asks for as CSV."""
    form, now = RepairFilter(request.GET), timezone.now()
    content = export.to_csv(form.ordered(form.found(request.user)).with_names(), now)
    return download(content, name=export.file_name(timezone.localtime(now)), content_type=CSV)
