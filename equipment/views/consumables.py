"""The stock of consumables: the list, one kind with its lots, its ledger, and the list as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from equipment.consumables import policies
from equipment.consumables.states import ConsumableState, states_of
from equipment.forms.consumables import STATES, ConsumableFilter
from equipment.models import Consumable, Movement
from equipment.page_querysets import naming
from equipment.sheets import stock
from equipment.sheets.writing import CSV
from equipment.views.requests import readers_only
from events.policies import may_view
from medcover.common import paging
from medcover.common.downloads import XLSX, download
from medcover.common.prepared import DAY, KEY, prepared

PER_PAGE, LOTS_PER_PAGE, LINES_PER_PAGE = 30, 50, 50

#: So many lines of the ledger stand on the page of a kind.
LATEST = 8


@readers_only
@require_safe
def consumable_list(request: HttpRequest) -> HttpResponse:
    """Show one page of the kinds that match what the address asks for, and events to record use on."""
    form, now = ConsumableFilter(request.GET), timezone.now()
    today = timezone.localdate(now)
    found = form.found(today)
    listed = found.with_stock(today).select_related("location").order_by("name_sort", "pk")
    page = paging.slice_of(listed, request.GET.get("page"), PER_PAGE, counted=found)
    if page.past_end:
        return redirect(f"{request.path}{paging.page_query(request.GET, page.number)}")
    context = {
        "form": form,
        "states": STATES,
        "rows": list(states_of(page.page, today)),
        "page_obj": page.page,
        "short": found_low(today) if policies.may_manage(request.user) else None,
        "may_manage": policies.may_manage(request.user),
        "events": policies.recent_events(request.user, now),
        "query": request.GET.urlencode(),
    }
    return render(request, "equipment/consumables/list.html", context)


def found_low(today: Any) -> int:
    """Count the kinds below their minimum."""
    return int(Consumable.objects.low(today).count())


def shown_consumable(pk: int) -> ConsumableState:
    """Return a kind with its stock today, or answer that there is none."""
    today = timezone.localdate()
    state = next(states_of(_kind(key=pk, today=today), today), None)
    if state is None:
        raise Http404
    return state


@prepared(key=KEY, today=DAY)
def _kind(p: Any) -> Any:
    return Consumable.objects.filter(pk=p.key).with_stock(p.today).select_related("location")


@readers_only
@require_safe
def consumable_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one kind: how it stands, its lots, and the latest lines of its ledger."""
    state = shown_consumable(pk)
    used_up = request.GET.get("lots") == "all"
    lots = state.consumable.lots.in_order_of_use().select_related("location")
    page = paging.slice_of(lots if used_up else lots.in_stock(), request.GET.get("page"), LOTS_PER_PAGE)
    if page.past_end:
        return redirect(f"{request.path}{paging.page_query(request.GET, page.number)}")
    for lot in page.page.object_list:
        lot.consumable = state.consumable
        lot.is_expired = lot.is_expired_on(state.today)
    context = {
        "state": state,
        "consumable": state.consumable,
        "lots": page.page.object_list,
        "page_obj": page.page,
        "used_up": used_up,
        "may_manage": policies.may_manage(request.user) and not state.consumable.is_archived,
        "keeps_stock": policies.may_manage(request.user),
        "lines": None,
    }
    if policies.may_see_ledger(request.user):
        latest = _latest(kind=pk)
        context |= {"lines": lines_for(request.user, latest[:LATEST]), "has_older": len(latest) > LATEST}
    return render(request, "equipment/consumables/detail.html", context)


def _ledger(pk: Any) -> Any:
    return naming(Movement.objects.of_kind(pk).with_names().order_by("-pk"), "by")


@prepared(kind=KEY)
def _latest(p: Any) -> Any:
    """The lines of the ledger that stand on the page of a kind, and one more."""
    return _ledger(p.kind)[: LATEST + 1]


def lines_for(user: Any, movements: Iterable[Movement]) -> list[Any]:
    """Return lines of the ledger with what the reader may know and do.

    `shows_event`, `may_take_back`; `taken_back`; `pieces` and `signed` are its quantity.
    """
    lines: list[Any] = list(movements)
    for line in lines:
        line.shows_event = line.event is not None and may_view(user, line.event)
        line.may_take_back = policies.may_take_back(user, line)
        line.taken_back = hasattr(line, "undone_by")
        line.pieces, line.signed = abs(line.quantity), f"{line.quantity:+d}".replace("-", "−")
    return lines


@readers_only
@require_safe
def ledger(request: HttpRequest, pk: int) -> HttpResponse:
    """Show everything that came and went of a kind, newest first, to those who write there."""
    state = shown_consumable(pk)
    if not policies.may_see_ledger(request.user):
        raise PermissionDenied
    page = paging.slice_of(_ledger(pk), request.GET.get("page"), LINES_PER_PAGE, counted=Movement.objects.of_kind(pk))
    if page.past_end:
        return redirect(f"{request.path}{paging.page_query(request.GET, page.number)}")
    lines = lines_for(request.user, page.page.object_list)
    context = {"state": state, "consumable": state.consumable, "lines": lines, "page_obj": page.page}
    return render(request, "equipment/consumables/ledger.html", context)


@readers_only
@require_safe
def export_xlsx(request: HttpRequest) -> HttpResponse:
    """Give the stock that matches what the address asks for as a workbook."""
    return _file(request, stock.to_xlsx, "xlsx", XLSX)


@readers_only
@require_safe
def export_csv(request: HttpRequest) -> HttpResponse:
    """Give the stock that matches what the address asks for as CSV."""
    return _file(request, stock.to_csv, "csv", CSV)


def _file(
    request: HttpRequest, make: Callable[[Iterable[list[Any]]], bytes], ending: str, content_type: str
) -> HttpResponse:
    now = timezone.now()
    today = timezone.localdate(now)
    kinds = ConsumableFilter(request.GET).found(today).order_by("name_sort", "pk")
    content = make(stock.rows_of(kinds, today))
    return download(content, name=stock.file_name(timezone.localtime(now), ending), content_type=content_type)
