"""Master event page: what it is about, and its events."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from events.models import Event, MasterEvent
from events.querysets.staffing import staffing_read_once
from events.views import neighbours
from events.views.listing import page_of, rows_for
from events.views.requests import MemberRequest
from events.views.rows import Group, cells_of, row_of
from medcover.common import paging


@permission_required("events.view_masterevent", raise_exception=True)
@require_safe
@staffing_read_once()
def master_event(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the master event with all events under it that the reader may know about, the newest first."""
    master = get_object_or_404(MasterEvent.objects.select_related("coordinator"), pk=pk)
    events = Event.objects.visible_to(request.user).filter(master_event=master)
    found = page_of(events.order_by("-start", "-pk"), request)
    if found.past_end:
        return redirect(f"{request.path}{paging.page_query(request.GET, found.number)}")
    next_url = request.get_full_path()
    rows = [row_of(event, request.user, next_url) for event in rows_for(found.page, request.user)]
    neighbours.remember(request, [row.event.pk for row in rows])
    context = {
        "master": master,
        "statistics": events.statistics(),
        "groups": [Group([cells_of(row, request.user) for row in rows])],
        "page_obj": found.page,
        "next_url": next_url,
    }
    return render(request, "events/master.html", context)
