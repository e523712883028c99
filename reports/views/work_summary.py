"""„Přehled výkazů“: on screen and as a workbook."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import get_format
from django.views.decorators.http import require_safe

from reports import policies, selection, sheets, tables
from reports import work_summary as summary
from reports.forms import WholePeriodForm
from reports.selection import Period
from reports.views import periods


@permission_required(policies.REPORTS, raise_exception=True)
@require_safe
def work_summary(request: HttpRequest) -> HttpResponse:
    """Show who served what in a period; with `format=xlsx` as a workbook."""
    form = periods.asked(request, WholePeriodForm)
    context = periods.tools(form)
    if form.is_bound and form.is_valid():
        count = selection.duties(form.period).count() if request.GET.get("format") == "xlsx" else None
        if count is not None and count <= sheets.MOST_ROWS:
            return _workbook(form.period)
        if count is not None:
            messages.warning(request, tables.too_many(count))
        context |= _rows(request, form.period)
    return render(request, "reports/work_summary.html", context)


def _rows(request: HttpRequest, period: Period) -> dict[str, Any]:
    now = timezone.now()
    page = periods.page_of(request, summary.duties(period, now), counted=selection.duties(period))
    rows = summary.rows(page, now)
    return {
        "page_obj": page,
        "lines": [_line(row) for row in rows],
        "total": _in_words(summary.total(period, now)),
    }


class _Line(NamedTuple):
    """A row in words."""

    row: summary.Row
    status: str
    hours: list[str]
    person_total: list[str] | None


def _line(row: summary.Row) -> _Line:
    person_total = None if row.person_total is None else _in_words(row.person_total)
    return _Line(row, tables.status_of(row), _in_words(row.hours), person_total)


def _in_words(hours: summary.Hours) -> list[str]:
    """Write hours to 0.1. Not by a filter of the template, which would ask for the format hundreds of times."""
    separator = get_format("DECIMAL_SEPARATOR")
    return [f"{number:.1f}".replace(".", separator) for number in hours.columns]


def _workbook(period: Period) -> HttpResponse:
    now = timezone.now()
    rows = summary.rows(summary.duties(period, now), now)
    made = tables.summary_sheets(period, rows, summary.by_person(period, now), summary.total(period, now))
    return sheets.xlsx_file(made, name=f"prehled-vykazu_{period.first}_{period.last}.xlsx")
