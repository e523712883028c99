"""Printouts: asking for the days, and the workbook of the events on them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Max, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from events.models import Event
from medcover.common.downloads import download
from reports import printouts
from reports.forms import PrintoutForm

#: Digits of a key that still fits its column.
_LONGEST_KEY = 19


@permission_required("reports.view_reports", raise_exception=True)
@require_safe
def printout(request: HttpRequest) -> HttpResponse:
    """Ask for the days; give the workbook of the events on them."""
    form = (
        PrintoutForm(request.GET) if {"first", "last"} & request.GET.keys() else PrintoutForm(initial=_initial(request))
    )
    if not form.is_bound or not form.is_valid():
        return _page(request, form)
    events = list(form.found(request.user).printable()[: printouts.MOST_EVENTS + 1])
    if problem := printouts.problem(events):
        messages.warning(request, problem)
        return _page(request, form)
    asked = form.cleaned_data
    subtitle = printouts.subtitle(asked["first"], asked["last"], asked["master"])
    content = printouts.build(events, subtitle=subtitle)
    return download(content, name=printouts.file_name(timezone.localtime()))


def _page(request: HttpRequest, form: PrintoutForm) -> HttpResponse:
    return render(request, "reports/printout.html", {"form": form})


def _initial(request: HttpRequest) -> dict[str, Any]:
    """Return the current month, or for a master event named in the address the days of its events."""
    asked = request.GET.get("master", "")
    if not (asked.isdecimal() and len(asked) < _LONGEST_KEY):
        return _this_month()
    events = Event.objects.visible_to(request.user).filter(master_event=int(asked)).on_paper()
    found = events.aggregate(first=Min("start"), last=Max("start"))
    days = {name: timezone.localdate(moment) for name, moment in found.items() if moment}
    return {"master": asked, **(days or _this_month())}


def _this_month() -> dict[str, date]:
    today = timezone.localdate()
    following = date(today.year + today.month // 12, today.month % 12 + 1, 1)
    return {"first": today.replace(day=1), "last": date.fromordinal(following.toordinal() - 1)}
