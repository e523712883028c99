"""Printout of the event list as a workbook."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from events.forms import EventFilter
from events.views.requests import MemberRequest
from medcover.common.downloads import download
from reports import printouts


@permission_required("reports.view_reports", raise_exception=True)
@require_safe
def print_list(request: MemberRequest) -> HttpResponse:
    """Give the workbook of the events that match the filter in the address; the list says so when there are none."""
    found = EventFilter(request.GET, reader=request.user).found()
    events = list(found.printable()[: printouts.MOST_EVENTS + 1])
    if problem := printouts.problem(events):
        messages.warning(request, problem)
        return redirect(reverse("events:list", query=request.GET))
    subtitle = _("Events as selected in the list")
    return download(printouts.build(events, subtitle=subtitle), name=printouts.file_name(timezone.localtime()))
