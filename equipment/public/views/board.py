"""The status board: on the phone of somebody who looks for something, and on a screen on the wall."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from equipment import status_board
from equipment.models import StorageLocation
from equipment.public.forms import NOWHERE, BoardFilter
from equipment.public.views.requests import public_page
from equipment.status_board import Figures, Section
from medcover.common import paging

PER_PAGE = 60
#: So many cards can be read on a screen that nobody scrolls, and so many of those that have something to say.
KIOSK_CARDS, KIOSK_TROUBLED = 120, 60


@public_page
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Show all locations with their items; or, when something is looked for, what was found, in pages."""
    if request.GET.get("kiosk") == "true":
        return redirect("public:kiosk")
    if request.GET.get("q") or request.GET.get("location"):
        form = BoardFilter(request.GET, StorageLocation.objects.in_use())
        if form.is_narrowing:
            return _found(request, form)
    shown = status_board.sections(timezone.now())
    locations = [section.location for section in shown if section.location]
    context = {"form": BoardFilter(request.GET, locations), "sections": shown, **_overall(shown)}
    return render(request, "public/board.html", context)


def _overall(sections: list[Section]) -> dict[str, Any]:
    figures = reduce(add, (section.figures for section in sections), Figures())
    populated = [section for section in sections if section.figures.total]
    return {"figures": figures, "populated": populated, "nowhere": NOWHERE}


def _found(request: HttpRequest, form: BoardFilter) -> HttpResponse:
    items, now = form.found(status_board.items_on_board()), timezone.now()
    page = paging.slice_of(status_board.by_trouble(items, now), request.GET.get("page"), PER_PAGE, counted=items)
    if page.past_end:
        return redirect(f"{request.path}{paging.page_query(request.GET, page.number)}")
    lines = status_board.lines_of(page.page.object_list, now)
    context = {"form": form, "lines": list(lines), "page_obj": page.page}
    return render(request, "public/found.html", context)


@public_page
@require_safe
def kiosk(request: HttpRequest, location: int | None = None) -> HttpResponse:
    """Show the board to a screen on the wall: all locations with items, or one.

    A store that is too large for a screen shows what is in trouble and how many there are; names of what is in order
    would be too small to read, and tell nobody anything.
    """
    place = get_object_or_404(StorageLocation.objects.in_use(), pk=location) if location is not None else None
    now = timezone.now()
    shown = status_board.sections(now, location=place, most=KIOSK_CARDS, in_trouble=KIOSK_TROUBLED)
    populated = [section for section in shown if section.figures.total]
    context = {"sections": populated, "place": place, "now": now}
    return render(request, "public/kiosk.html", context)
