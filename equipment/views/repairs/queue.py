"""The queue of open repairs, as a page and as a file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F
from django.db.models.functions import Left
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
from medcover.common.prepared import KEY, prepared

PER_PAGE = 30
#: So many letters of what is wrong stand in a row.
ROW_TEXT = 90

#: What a row shows and is not a column of the repair: all columns of all these tables would cost more than the page.
_NAMES = {
    "name": F("item__name"),
    "is_archived": F("item__is_archived"),
    "location": F("item__location__name"),
    "assigned_to": F("assignee__name"),
    "text": Left("description", ROW_TEXT + 1),
}
_COLUMNS = (
    "pk", "version", "status", "severity", "is_safety_risk", "is_consumable", "eta", "created", "assignee_id", *_NAMES,
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A repair, as far as a row shows it, and how many whole days ago it was reported."""

    repair: Any
    days: int


@workers_only
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Show one page of the open repairs that match what the address asks for."""
    form, now = RepairFilter(request.GET), timezone.now()
    found = form.found(request.user)
    page = paging.slice_of_keys(form.ordered(found), request.GET.get("page"), PER_PAGE)
    if page.past_end:
        return redirect(f"{request.path}{paging.page_query(request.GET, page.number)}")
    context = {
        "form": form,
        "rows": _rows(page.page, now),
        "page_obj": page.page,
        "total": page.total,
        "query": request.GET.urlencode(),
    }
    return render(request, "equipment/repairs/queue.html", context)


def _rows(keys: Iterable[int], at: datetime) -> list[Row]:
    """Return the rows in the order of these keys, which are put in order apart: sorted are all, shown are thirty."""
    order = list(keys)
    found = {row.pk: Row(row, days_between(row.created, at)) for row in _read(keys=order)}
    return [found[key] for key in order if key in found]


@prepared(lists={"keys": KEY})
def _read(given: Any) -> Any:
    found = Repair.objects.filter(pk__in=given.keys).order_by()
    return found.annotate(**_NAMES).values_list(*_COLUMNS, named=True)


@workers_only
@require_safe
def export_csv(request: HttpRequest) -> HttpResponse:
    """Give the open repairs that match what the address asks for as CSV."""
    form, now = RepairFilter(request.GET), timezone.now()
    content = export.to_csv(form.ordered(form.found(request.user)).with_names(), now)
    return download(content, name=export.file_name(timezone.localtime(now)), content_type=CSV)
