"""Event list page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from equipment.event_plan import attach_plans
from events.forms import DEFAULT_SORT, EventFilter
from events.querysets.pages import attach_free_places, read_rows
from events.querysets.staffing import staffing_read_once
from events.rules.lifecycle import Status
from events.templatetags.planning import short_day
from events.views import neighbours
from events.views.requests import MemberRequest
from events.views.rows import Group, Row, cells_of, row_of
from medcover.common import paging
from medcover.common.intervals import local_day

PER_PAGE = 75

#: Statuses sort by the life of an event, not by their letters.
_LIFE = Case(*[When(status=status, then=Value(place)) for place, status in enumerate(Status)])

_ORDERS: dict[str, Any] = {
    "name": F("name_sort"),
    "start": F("start"),
    "status": _LIFE,
    "size": Coalesce("min_participants", "mandatory_total"),
    "leader": F("responsible_person__name_sort"),
}


@permission_required("events.view_event", raise_exception=True)
@require_safe
@vary_on_headers("HX-Request")
@staffing_read_once()
def event_list(request: MemberRequest) -> HttpResponse:
    """Show one page of the events that match the filter in the address."""
    form = EventFilter(request.GET, reader=request.user)
    found = form.found()
    page = page_of(in_order(found, form.order), request)
    if page.past_end:
        return redirect(f"{request.path}{paging.page_query(request.GET, page.number)}")
    next_url = request.get_full_path()
    rows = [row_of(event, request.user, next_url) for event in rows_for(page.page, request.user)]
    neighbours.remember(request, [row.event.pk for row in rows])
    context = {
        "form": form,
        "groups": list(_groups(rows, request.user, by_day=form.order.removeprefix("-") == DEFAULT_SORT)),
        "page_obj": page.page,
        "page_range": page.page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "next_url": next_url,
    }
    return render(request, "events/_browser.html" if request.htmx else "events/list.html", context)


def page_of(events: Any, request: HttpRequest) -> paging.Slice[int]:
    """Return the page that was asked for: only the keys of its events, so that nothing is read of all the others."""
    return paging.slice_of_keys(events, request.GET.get("page"), PER_PAGE)


def rows_for(keys: Iterable[int], reader: Any) -> list[Any]:
    """Read the events with everything that a row shows; a fixed number of queries, however many rows."""
    events = read_rows(keys, reader)
    attach_free_places(events, reader)
    attach_plans(events, reader)
    return events


def in_order(events: Any, sort: str) -> Any:
    """Sort by one of the known keys, "-key" the other way round; empty values come last in both directions."""
    key = _ORDERS[sort.removeprefix("-")]
    descending = sort.startswith("-")
    order = key.desc(nulls_last=True) if descending else key.asc(nulls_last=True)
    return events.order_by(order, "start", "pk")


def _groups(rows: Iterable[Row], reader: Any, *, by_day: bool) -> Iterator[Group]:
    if not by_day:
        yield Group([cells_of(row, reader) for row in rows])
        return
    zone = timezone.get_current_timezone()
    for day, of_day in groupby(rows, key=lambda row: local_day(row.event.start, zone)):
        yield Group([cells_of(row, reader) for row in of_day], short_day(day))
