"""Event page, and the changes of its status."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from equipment.event_plan import plan_of
from events import event_history
from events.rules.lifecycle import TRANSITIONS, Status
from events.services import lifecycle
from events.views.board import Board, read_board, signups_have_opened
from events.views.neighbours import neighbours_of
from events.views.requests import MemberRequest, visible_event
from medcover.common.errors import DomainError, NotAllowed


@require_safe
def event_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Show one event: what and where, who stands where, and what the reader can do."""
    context = context_of(_board(request, pk), request.user)
    return render(request, "events/detail.html", {**context, "neighbours": neighbours_of(request, pk)})


@require_POST
def transition(request: MemberRequest, pk: int, code: str) -> HttpResponse:
    """Make one change of status that a person may ask for; answers 400 to an unknown one, 403 without the right."""
    move = TRANSITIONS.get(code)
    if move is None or move.is_automatic:
        raise BadRequest(code)
    event = visible_event(request, pk)
    try:
        changed = lifecycle.transition(event.pk, code, by=request.user, at=timezone.now())
    except NotAllowed:
        raise
    except DomainError as error:
        messages.error(request, str(error))
        return answer(request, event.pk, status=409)
    messages.success(request, _("The event is now: %(status)s.") % {"status": Status(changed.status).label})
    return answer(request, event.pk)


def answer(request: MemberRequest, pk: int, *, status: int = 200, focus_on: str = "") -> HttpResponse:
    """Answer a change of an event: the changed parts of its page for htmx, the way back to the page otherwise.

    `focus_on` is the element with the button that the reader touched; that button may be gone.
    """
    if not request.htmx:
        return redirect("events:detail", pk)
    context = context_of(_board(request, pk), request.user, focus_on=focus_on)
    return render(request, "events/_changed.html", context, status=status)


def _board(request: MemberRequest, pk: int) -> Board:
    return read_board(pk, request.user, rest=timedelta(hours=request.site_settings.minimum_rest_hours))


def context_of(board: Board, reader: Any, *, focus_on: str = "") -> dict[str, Any]:
    """Return what the templates of the page read."""
    history, has_older = event_history.latest(board.event, reader)
    return {
        "history": history,
        "has_older": has_older,
        "focus_on": focus_on,
        "board": board,
        "event": board.event,
        "equipment": plan_of(board.event, reader),
        "signups_opened": signups_have_opened(board.event, timezone.now()),
    }
