"""Calendar page, and the feed of entries for the days it shows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import BadRequest
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from events.feeds.entries import entries
from events.forms import EventFilter
from events.models.event import event_url
from events.querysets.pages import read_entries
from events.views.requests import MemberRequest

#: Longer than any view of the calendar; nobody reads everything there ever was at once.
LONGEST = timedelta(days=400)


@permission_required("events.view_event", raise_exception=True)
@require_safe
def calendar(request: MemberRequest) -> HttpResponse:
    """Show the calendar with the filter of the list."""
    form = EventFilter(request.GET, reader=request.user)
    return render(request, "events/calendar.html", {"form": form, "options": _options(request)})


def _options(request: MemberRequest) -> dict[str, Any]:
    """Return what the script needs to know."""
    return {
        "feed": reverse("events:calendar_feed"),
        "view": request.user.calendar_view,
        "locale": (get_language() or "cs").split("-")[0],
        "timeZone": timezone.get_current_timezone_name(),
        "create": _create_url(request),
    }


def _create_url(request: MemberRequest) -> str:
    """Address of the form for a new event, for whoever may use it; a day is added to it."""
    may = request.user.has_perm("events.add_event") and request.user.has_perm("roster.access_backoffice")
    return reverse("admin:events_event_add") if may else ""


@permission_required("events.view_event", raise_exception=True)
@require_safe
def calendar_feed(request: MemberRequest) -> JsonResponse:
    """Give the entries that share time with the asked range and match the filter; 400 for no sensible range."""
    start, end = _moment(request, "start"), _moment(request, "end")
    if not timedelta() < end - start <= LONGEST:
        raise BadRequest("range")
    found = EventFilter(request.GET, reader=request.user).found().overlapping(start, end)
    keys = list(found.values_list("pk", flat=True))
    answer = entries(
        read_entries(keys, request.user),
        may_sign_up=request.user.has_perm("events.assign_own"),
        zone=timezone.get_current_timezone(),
        address=event_url,
    )
    return JsonResponse(answer, safe=False, headers={"Cache-Control": "private, no-store"})


def _moment(request: MemberRequest, name: str) -> datetime:
    """Read a moment; without an offset it is local."""
    try:
        moment = parse_datetime(request.GET.get(name, ""))
    except ValueError as error:
        raise BadRequest(name) from error
    if moment is None:
        raise BadRequest(name)
    return moment if moment.tzinfo else timezone.make_aware(moment)
