"""What has to be inspected, by month, as a page and as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from equipment import page_querysets
from equipment.forms.inspections import STATES, InspectionFilter
from equipment.inspection_rules import State
from equipment.models import ItemInspection
from equipment.sheets import inspections as sheet
from equipment.sheets.writing import CSV
from equipment.views.requests import inspectors_only
from medcover.common import paging
from medcover.common.downloads import XLSX, download

PER_PAGE = 50


@dataclass(frozen=True)
class Line:
    """An inspection with how it stands on the day of the page."""

    row: ItemInspection
    state: State

    @property
    def code(self) -> str:
        """The state, for templates."""
        return self.state.name.lower()


@dataclass(frozen=True)
class Group:
    """Inspections under one heading: overdue ones, those of a month, those that are not due."""

    is_overdue: bool
    month: date | None
    lines: list[Line] = field(default_factory=list)


def grouped(rows: Iterable[ItemInspection], today: date) -> list[Group]:
    """Put inspections, which come in the order of their days, under their headings."""
    groups: list[Group] = []
    for row in rows:
        overdue = row.due_on is not None and row.due_on < today
        month = row.due_on.replace(day=1) if row.due_on and not overdue else None
        if not groups or (groups[-1].is_overdue, groups[-1].month) != (overdue, month):
            groups.append(Group(overdue, month))
        groups[-1].lines.append(Line(row, row.state_on(today)))
    return groups


@inspectors_only
@require_safe
def inspection_list(request: HttpRequest) -> HttpResponse:
    """Show one page of what is overdue and what will be due, the most urgent first."""
    form, today = InspectionFilter(request.GET), timezone.localdate()
    found = form.found(today)
    page = paging.slice_of_keys(found.by_day(), request.GET.get("page"), PER_PAGE)
    if page.past_end:
        return redirect(f"{request.path}{paging.page_query(request.GET, page.number)}")
    context = {
        "form": form,
        "states": STATES,
        "groups": grouped(page_querysets.read_inspections(page.page), today),
        "page_obj": page.page,
        "plan": form.cleaned_data["plan"],
        "query": request.GET.urlencode(),
        "today": today,
        **_counted(today),
    }
    return render(request, "equipment/inspections.html", context)


def _counted(today: date) -> dict[str, int]:
    """Count what is overdue, and how much of it keeps items from counting."""
    overdue = ItemInspection.objects.in_use().overdue_on(today)
    return dict(overdue.aggregate(overdue=Count("pk"), unsafe=Count("item", Q(plan__is_safety=True), distinct=True)))


@inspectors_only
@require_safe
def export_xlsx(request: HttpRequest) -> HttpResponse:
    """Give the inspections that match what the address asks for as a workbook."""
    return _file(request, sheet.to_xlsx, "xlsx", XLSX)


@inspectors_only
@require_safe
def export_csv(request: HttpRequest) -> HttpResponse:
    """Give the inspections that match what the address asks for as CSV."""
    return _file(request, sheet.to_csv, "csv", CSV)


def _file(
    request: HttpRequest, make: Callable[[Iterable[list[Any]]], bytes], ending: str, content_type: str
) -> HttpResponse:
    now = timezone.localtime()
    content = make(sheet.rows_of(InspectionFilter(request.GET).found(now.date()), now.date()))
    return download(content, name=sheet.file_name(now, ending), content_type=content_type)
