"""Signing up and off."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from events.models import Event, Position
from events.rules.lifecycle import Status
from events.services import crew
from events.services.crew import Joined
from events.views import detail, listing
from events.views.requests import MemberRequest, visible_event
from medcover.common.errors import DomainError
from medcover.common.redirects import safe_next


@require_safe
def choose_position(request: MemberRequest, pk: int) -> HttpResponse:
    """Let a person whom several places fit pick one; where none fits, the event's page says why."""
    row = _row(request, visible_event(request, pk))
    if not row.places:
        return redirect("events:detail", pk)
    next_url = safe_next(request.get_host(), request.GET.get("next"), row.event.get_absolute_url())
    return render(request, "events/join.html", {"event": row.event, "places": row.places, "next_url": next_url})


@require_POST
def claim(request: MemberRequest, pk: int) -> HttpResponse:
    """Sign the reader up for a position."""
    seen = Position.objects.filter(event__in=Event.objects.visible_to(request.user))
    place = get_object_or_404(seen.select_related("event"), pk=pk)
    try:
        joined = crew.claim(place.pk, by=request.user, at=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
        return _answer(request, place.event, place, status=409)
    _tell_joined(request, joined)
    return _answer(request, place.event, place)


@require_POST
def leave(request: MemberRequest, pk: int) -> HttpResponse:
    """Sign the reader off, and offer to take it back where the place is open again."""
    event = visible_event(request, pk)
    place = event.positions.filter(assignment__person=request.user).first()
    try:
        left = crew.leave(event.pk, by=request.user, at=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
        return _answer(request, event, place, status=409)
    said = _("You are signed off from %(event)s.") % {"event": left.name}
    undo = _undo_button(place) if place is not None and left.status == Status.OPEN else ""
    messages.success(request, format_html("{} {}", said, undo))
    return _answer(request, event, place)


def _undo_button(place: Position) -> SafeString:
    """A button of the form that the page offers at the freed place anyway."""
    button = '<button class="btn btn-sm btn-outline-secondary" type="submit" form="claim-{}">{}</button>'
    return format_html(button, place.pk, _("Take it back"))


def _tell_joined(request: MemberRequest, joined: Joined) -> None:
    assignment = joined.assignment
    said = _("You are signed up for %(event)s, position %(position)s.") % {
        "event": assignment.event.name,
        "position": assignment.position,
    }
    if not joined.clashes:
        messages.success(request, said)
        return
    others = format_html_join(", ", '<a href="{}">{}</a>', ((e.get_absolute_url(), e.name) for e in joined.clashes))
    messages.warning(request, format_html("{} {} {}.", said, _("Mind that you also have a duty at that time:"), others))


def _answer(request: MemberRequest, event: Event, touched: Position | None, *, status: int = 200) -> HttpResponse:
    """Answer where the button was: a row of the list, the page of the event, or the page named in the form."""
    if request.htmx and request.htmx.target == f"event-{event.pk}":
        context = {"row": _row(request, event), "next_url": request.POST.get("next", "")}
        return render(request, "events/_row_changed.html", context, status=status)
    if request.htmx:
        return detail.answer(request, event.pk, status=status, focus_on=touched.pk if touched else None)
    return redirect(safe_next(request.get_host(), request.POST.get("next"), event.get_absolute_url()))


def _row(request: MemberRequest, event: Any) -> listing.Row:
    found = listing.rows_for(Event.objects.filter(pk=event.pk), request.user).get()
    return listing.Row(found, listing.places_to_take(found, request.user))
