"""Reports about events: of a master event, and of a period; on screen and as CSV."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from events.models import MasterEvent
from reports import covered, participants, policies, selection, sheets, tables
from reports.forms import WholePeriodForm
from reports.views import periods


@permission_required(policies.REPORTS, raise_exception=True)
@require_safe
def master(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how the events of a master event were covered; with `format=csv` as a file."""
    about = get_object_or_404(MasterEvent.objects.select_related("coordinator"), pk=pk)
    events = selection.events().filter(master_event=about)
    duties = selection.duties().filter(event__master_event=about)
    if periods.wants_csv(request):
        return _csv(covered.in_order(events), duties, name=f"prehled_ME_{about.name}.csv", with_master=False)
    context = {"master": about, **_tables(request, events, covered.in_order(events), duties)}
    return render(request, "reports/master.html", context)


@permission_required(policies.REPORTS, raise_exception=True)
@require_safe
def period(request: HttpRequest) -> HttpResponse:
    """Show how the events of a period were covered, by master event; with `format=csv` as a file."""
    form = periods.asked(request, WholePeriodForm)
    context = periods.tools(form)
    if form.is_bound and form.is_valid():
        events, duties = selection.events(form.period), selection.duties(form.period)
        if periods.wants_csv(request):
            name = f"prehled_{form.period.first}_{form.period.last}.csv"
            return _csv(covered.by_master(events), duties, name=name, with_master=True)
        context |= {"days": form.period.query} | _tables(request, events, covered.by_master(events), duties)
    return render(request, "reports/period.html", context)


def _tables(request: HttpRequest, events: Any, listed: Any, duties: Any) -> dict[str, Any]:
    now = timezone.now()
    people = periods.page_of(
        request, participants.grouped(duties, now), "people", counted=duties.values("person").distinct()
    )
    return {
        "totals": covered.totals(events),
        "statuses": covered.by_status(events),
        "page_obj": periods.page_of(request, listed, counted=events),
        "people_page": people,
        "participants": participants.lines(people, now),
    }


def _csv(events: Any, duties: Any, *, name: str, with_master: bool) -> HttpResponse:
    now = timezone.now()
    people = participants.lines(participants.grouped(duties, now), now)
    return sheets.csv_file(tables.of_events(events, people, with_master=with_master), name=name)
