"""The report about one person, on screen and as CSV."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from credentials.models import Holding
from reports import by_person, participants, policies, sheets, tables
from reports.forms import PeriodForm
from reports.selection import EVER, Period
from reports.views import periods
from roster.models import User


@require_safe
def own(request: Any) -> HttpResponse:
    """Show one's own report, whose address is the same for everybody."""
    return person(request, request.user.pk)


@never_cache
@require_safe
def person(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what a person has served and has ahead; with `format=csv` as a file."""
    if not policies.may_see_report_of(request.user, pk):
        raise PermissionDenied
    about = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    form = periods.asked(request, PeriodForm)
    is_readable = not form.is_bound or form.is_valid()
    period = form.period if form.is_bound and is_readable else EVER
    if is_readable and periods.wants_csv(request):
        return _csv(about, period)
    context = {"person": about, "is_readable": is_readable, **periods.tools(form), **_figures(request, about, period)}
    return render(request, "reports/person.html", context)


def _figures(request: HttpRequest, about: User, period: Period) -> dict[str, Any]:
    now, own_duties = timezone.now(), by_person.of(about, period)
    return {
        "holdings": Holding.objects.shown().filter(person=about),
        "figures": participants.figures_of(own_duties, now),
        "next_shift": by_person.next_shift(about, now),
        "months": by_person.served_by_month(about, period),
        "page_obj": periods.page_of(request, by_person.duties(about, period), counted=own_duties),
    }


def _csv(about: User, period: Period) -> HttpResponse:
    now = timezone.now()
    figures = participants.figures_of(by_person.of(about, period), now)
    rows = tables.of_person(by_person.duties(about, period), figures, by_person.next_shift(about, now))
    days = "".join(f"_{day}" for day in (period.first, period.last) if day)
    return sheets.csv_file(rows, name=f"prehled_{about.name}{days}.csv")
