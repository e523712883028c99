"""What was used on an event: listed, and recorded by its crew in one go."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from equipment.consumables import policies
from equipment.forms.consumables import used_lines, with_more_lines
from equipment.models import Consumable, Movement
from equipment.services import usage
from equipment.views.consumables import lines_for
from equipment.views.requests import readers_only, shown_event
from events.models import Event
from medcover.common import paging
from medcover.common.errors import DomainError, NotAllowed
from medcover.common.text import key_in

LINES_PER_PAGE = 50


@readers_only
@require_http_methods(["GET", "HEAD", "POST"])
def used_on_event(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what was used on an event (GET); add some lines to the form or record what it says (POST)."""
    event = shown_event(request, pk)
    may_record = usage.may_record(request.user, event)
    if request.method != "POST":
        return _page(request, event, used_lines(None, _offered(event)) if may_record else None)
    if not may_record:
        raise PermissionDenied
    if "more" in request.POST:
        lines = used_lines(with_more_lines(request.POST), _offered(event))
        return _page(request, event, lines, note=request.POST.get("note", "")[:500], is_told=False)
    return _record(request, event, used_lines(request.POST, _offered(event)))


def _offered(event: Event) -> list[tuple[Any, str]]:
    """Return kinds of which something may be used, with how much there is; what is needed once for all lines."""
    day = usage.day_of_use(event, timezone.now())
    kinds = Consumable.objects.in_use().with_stock(day).filter(stock__gt=0).order_by("name_sort", "pk")
    named = [(kind.pk, f"{kind.name} ({kind.stock} {kind.unit})") for kind in kinds]
    return [("", "—"), *named]


def _record(request: HttpRequest, event: Event, lines: Any) -> HttpResponse:
    note, refusal = request.POST.get("note", ""), ""
    if lines.is_valid():
        try:
            usage.use_on_event(
                event.pk, lines.pairs(), note=note, by=request.user, at=timezone.now(),
                seen=key_in(request.POST.get("seen")),
            )  # fmt: skip
        except NotAllowed as refused:
            raise PermissionDenied from refused
        except ValidationError as refused:
            refusal = " ".join(refused.messages)
        except DomainError as refused:
            refusal = str(refused)
        else:
            messages.success(request, _("Recorded. Thank you."))
            return redirect("equipment:used_on_event", event.pk)
    elif lines.non_form_errors():
        refusal = " ".join(lines.non_form_errors())
    if refusal:
        messages.error(request, refusal)
    return _page(request, event, lines, note=note[:500], status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _page(
    request: HttpRequest,
    event: Event,
    lines: Any,
    *,
    note: str = "",
    is_told: bool = True,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    used = Movement.objects.used_on(event)
    page = paging.slice_of(used.with_names().order_by("-pk"), request.GET.get("page"), LINES_PER_PAGE, counted=used)
    if page.past_end:
        return redirect(f"{request.path}{paging.page_query(request.GET, page.number)}")
    context = {
        "event": event,
        "used": lines_for(request.user, page.page.object_list),
        "shows_people": policies.may_see_ledger(request.user),
        "page_obj": page.page,
        "lines": lines,
        "note": note,
        "is_told": is_told,
        "hindrance": usage.why_not(event, timezone.now()),
        "seen": usage.latest_line(event.pk),
    }
    return render(request, "equipment/consumables/event.html", context, status=status)
