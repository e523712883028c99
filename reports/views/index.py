"""The way to all reports."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from events.models import MasterEvent
from medcover.common.date_ranges import quick_ranges
from reports import policies
from reports.forms import WholePeriodForm
from reports.views import choosing
from roster.models import User

#: Digits of a key that still fits its column.
_LONGEST_KEY = 18


@permission_required(policies.REPORTS, raise_exception=True)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show the reports, with what each has to be told."""
    context: dict[str, Any] = {
        **choosing.search(
            request, "reports:index", User.objects.active(), lambda found: reverse("reports:person", args=[found.pk])
        ),
        "masters": MasterEvent.objects.not_archived().order_by("-is_general", "name_sort").values_list("pk", "name"),
        "form": WholePeriodForm(),
        "ranges": quick_ranges(timezone.localdate()),
        "may_make_work_report": request.user.has_perm(policies.OWN),
    }
    return render(request, "reports/index.html", context)


@permission_required(policies.REPORTS, raise_exception=True)
@require_safe
def choose_master(request: HttpRequest) -> HttpResponse:
    """Lead to the report about the master event that was picked."""
    asked = request.GET.get("master", "")
    if not (asked.isascii() and asked.isdecimal() and len(asked) <= _LONGEST_KEY):
        raise Http404
    return redirect("reports:master", int(asked))
