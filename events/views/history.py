"""The whole history of one event, a page at a time."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from events.event_history import entries, page
from events.views.requests import MemberRequest, visible_event
from medcover.common import paging

PER_PAGE = 50


@require_safe
def event_history(request: MemberRequest, pk: int) -> HttpResponse:
    """Show what happened to the event, newest first."""
    event = visible_event(request, pk)
    found = paging.slice_of(entries(event, request.user), request.GET.get("page"), PER_PAGE)
    if found.past_end:
        return redirect(f"{request.path}{paging.page_query(request.GET, found.number)}")
    context = {"event": event, "history": page(found.page.object_list), "page_obj": found.page}
    return render(request, "events/history.html", context)
