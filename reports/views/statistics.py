"""Statistics of a year: the page, the workbook, and the rows behind every figure."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.dates import MONTHS
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from equipment.policies import VIEW
from events.rules.planning import Kind
from medcover.common import paging
from reports import by_person, covered, participants, policies, sheets
from reports.forms import RowsForm, YearForm
from reports.selection import year_of
from reports.statistics import drop_outs, equipment, events, people, workbook, year
from reports.statistics.people import Standing
from reports.views import periods, year_tables
from roster.models import User

readers = permission_required(policies.REPORTS, raise_exception=True)

#: So many of the most active ones the picture shows.
_PICTURED = 15


@readers
@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    """Show the figures of a year; with `format=xlsx` as a workbook."""
    form = _asked(request, YearForm)
    if request.GET.get("format") == "xlsx":
        return _workbook(request, form.chosen)
    page, found, retention = _people(request, form.chosen)
    figures = year.read(form.chosen, retention, with_equipment=request.user.has_perm(VIEW))
    context = {
        "form": form,
        "year": figures,
        "tables": year_tables.tables(figures),
        "page_obj": page,
        "people": people.named(found),
        "pictured": _PICTURED if page.number == 1 else 0,
        "uses": equipment.USES.items(),
    }
    return render(request, "reports/statistics.html", context)


def _workbook(request: HttpRequest, number: int) -> HttpResponse:
    found, retention = people.served_in(number)
    figures = year.read(number, retention, with_equipment=request.user.has_perm(VIEW))
    return sheets.xlsx_file(workbook.sheets(figures, people.named(found)), name=f"statistika_{number}.xlsx")


def _people(request: HttpRequest, number: int) -> tuple[Any, list[dict[str, Any]], people.Retention]:
    """Return the page of people that was asked for, its people, and how many of everybody stayed, came, and left."""
    asked = paging.page_number(request.GET.get("page"))
    found, retention = people.served_in(number, _rows(asked))
    page = paging.slice_of(range(retention.active), str(asked), people.PER_PAGE).page
    if page.number != asked:  # behind the last one
        found, retention = people.served_in(number, _rows(page.number))
    return page, found, retention


def _rows(page: int) -> slice:
    return slice((page - 1) * people.PER_PAGE, page * people.PER_PAGE)


@readers
@require_safe
def event_rows(request: HttpRequest) -> HttpResponse:
    """Show the events behind a figure: completed ones, or cancelled, short of people, left late by somebody."""
    form = _asked(request, RowsForm)
    found = _events(form)
    if form.cleaned_data["month"]:
        found = found.alias(month=events.month_of("start")).filter(month=form.cleaned_data["month"])
    if form.cleaned_data["kind"]:
        found = found.filter(kind=form.cleaned_data["kind"])
    month = form.cleaned_data["month"]
    context = {
        "form": form,
        "what": form.cleaned_data["what"],
        "month": MONTHS[int(month)] if month else "",
        "kind": Kind(form.cleaned_data["kind"]).label if form.cleaned_data["kind"] else "",
        "totals": covered.totals(found),
        "page_obj": periods.page_of(request, covered.in_order(found), counted=found),
    }
    return render(request, "reports/statistics_events.html", context)


def _events(form: RowsForm) -> Any:
    period, what = year_of(form.chosen), form.cleaned_data["what"]
    if what == "cancelled":
        return events.cancelled(period)
    if what == "left":
        return drop_outs.events(year.late_of(form.chosen))
    return events.short(events.completed(period)) if what == "short" else events.completed(period)


@readers
@require_safe
def people_rows(request: HttpRequest) -> HttpResponse:
    """Show who has stayed, come, or does not serve any more."""
    form = _asked(request, RowsForm)
    kind = Standing(form.cleaned_data["standing"])
    context = {
        "form": form,
        "standing": kind,
        "standings": Standing.choices,
        "before": form.chosen - 1,
        "page_obj": periods.page_of(request, people.standing_as(form.chosen, kind)),
    }
    return render(request, "reports/statistics_people.html", context)


@readers
@never_cache
@require_safe
def person_rows(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the duties behind the hours of one person."""
    form = _asked(request, YearForm)
    about = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    duties = people.duties_of(about, form.chosen)
    context = {
        "form": form,
        "person": about,
        "figures": participants.figures_of(duties, timezone.now()),
        "page_obj": periods.page_of(request, by_person.listed(duties), counted=duties),
    }
    return render(request, "reports/statistics_person.html", context)


@readers
@require_safe
def equipment_rows(request: HttpRequest) -> HttpResponse:
    """Show the plans, packed items, inspections or faults behind a figure."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    form = _asked(request, RowsForm)
    use = form.cleaned_data["use"]
    found = equipment.rows(use, year_of(form.chosen), form.cleaned_data.get("type"))
    context = {
        "form": form,
        "use": use,
        "label": equipment.USES[use].label,
        "page_obj": periods.page_of(request, found),
    }
    return render(request, "reports/statistics_equipment.html", context)


def _asked(request: HttpRequest, form: type[Any]) -> Any:
    today = timezone.localdate()
    return form(request.GET, years=year.offered(today), this_year=today.year)
