"""Events of a master event on its admin page: figures, and a table."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from events.forms import SORTS
from events.models import Event
from events.views.listing import in_order
from medcover.common import paging

PER_PAGE = 75
#: The newest first; the table can be sorted by the columns that the list of events can be sorted by.
DEFAULT_SORT = "-start"
SORTABLE = {sign + key for key in SORTS for sign in ("", "-")}


def events_of(request: HttpRequest, master: Any) -> dict[str, Any]:
    """Return figures and one page of all events that the person may know about, archived ones included."""
    asked = request.GET.get("sort", "")
    sort = asked if asked in SORTABLE else DEFAULT_SORT
    events = Event.objects.visible_to(request.user).filter(master_event=master.pk)
    rows = in_order(events.with_readiness(timezone.now()).with_master_and_leader(), sort)
    found = paging.slice_of(rows, request.GET.get("page"), PER_PAGE, counted=events)
    return {"statistics": events.statistics(), "events": found.page, "sort": sort}
