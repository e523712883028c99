"""Signing up and off."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from events.models import Event, Position
from events.querysets.staffing import staffing_read_once
from events.rules.conflicts import Conflicts
from events.rules.lifecycle import Status
from events.services import crew
from events.services.crew import Joined
from events.views import detail, listing
from events.views.board import SEAT, element_of
from events.views.requests import MemberRequest, visible_event, visible_position
from events.views.rows import Row, cells_of, row_of
from medcover.common.errors import DomainError
from medcover.common.redirects import safe_next


@require_safe
def choose_position(request: MemberRequest, pk: int) -> HttpResponse:
    """Let a person whom several places fit pick one; where none fits, the event's page says why."""
    event = visible_event(request, pk)
    row = _row(request, event)
    if not row.places:
        return redirect("events:detail", pk)
    next_url = safe_next(request.get_host(), request.GET.get("next"), row.url)
    return render(request, "events/join.html", {"event": event, "places": row.places, "next_url": next_url})


@require_POST
def claim(request: MemberRequest, pk: int) -> HttpResponse:
    """Sign the reader up for a position."""
    place = visible_position(request, pk)
    return _join(request, place.event, element_of(place), partial(crew.claim, place.pk))


@require_POST
def sign_up(request: MemberRequest, pk: int) -> HttpResponse:
    """Sign the reader up for an event staffed by conditions."""
    event = visible_event(request, pk)
    return _join(request, event, SEAT, partial(crew.join, event.pk))


def _join(request: MemberRequest, event: Event, touched: str, service: Callable[..., Joined]) -> HttpResponse:
    try:
        joined = service(by=request.user, at=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
        return _answer(request, event, touched, status=409)
    _tell_joined(request, joined)
    return _answer(request, event, touched)


@require_POST
def leave(request: MemberRequest, pk: int) -> HttpResponse:
    """Sign the reader off, and offer to take it back where the place is open again."""
    event = visible_event(request, pk)
    place = event.positions.filter(assignment__person=request.user).first()
    touched = element_of(place) if place else SEAT if event.by_conditions else ""
    try:
        left = crew.leave(event.pk, by=request.user, at=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
        return _answer(request, event, touched, status=409)
    said = _("You are signed off from %(event)s.") % {"event": left.name}
    with staffing_read_once():
        messages.success(request, format_html("{} {}", said, _undo_button(request, left, place)))
        return _answer(request, event, touched)


def _undo_button(request: MemberRequest, left: Event, place: Position | None) -> SafeString | str:
    """A button of the form that the page offers anyway where one may take it back; nothing where it would not."""
    if left.status != Status.OPEN:
        return ""
    if place is None and not _row(request, left).has_seat:
        return ""
    button = '<button class="btn btn-sm btn-outline-secondary" type="submit" form="{}">{}</button>'
    return format_html(button, f"claim-{place.pk}" if place else "sign-up", _("Take it back"))


def _tell_joined(request: MemberRequest, joined: Joined) -> None:
    assignment = joined.assignment
    words = {"event": assignment.event.name, "position": assignment.position}
    if assignment.position:
        said = _("You are signed up for %(event)s, position %(position)s.") % words
    else:
        said = _("You are signed up for %(event)s.") % words
    if joined.conflicts:
        messages.warning(request, format_html("{} {}", said, _warning_of(joined.conflicts)))
    else:
        messages.success(request, said)


def _warning_of(conflicts: Conflicts) -> SafeString:
    """Name the duties that are too near, with links."""
    parts = []
    if conflicts.clashes:
        parts.append((_("Mind that you also have a duty at that time:"), _links(conflicts.clashes)))
    if conflicts.short_rests:
        near = _links(rest.event for rest in conflicts.short_rests)
        parts.append((_("Mind that little rest is left between it and another duty of yours:"), near))
    return format_html_join(" ", "{} {}.", parts)


def _links(events: Iterable[Event]) -> SafeString:
    return format_html_join(", ", '<a href="{}">{}</a>', ((event.get_absolute_url(), event.name) for event in events))


def _answer(request: MemberRequest, event: Event, touched: str, *, status: int = 200) -> HttpResponse:
    """Answer where the button was: a row of the list, the page of the event, or the page named in the form."""
    if request.htmx and request.htmx.target == f"event-{event.pk}":
        next_url = request.POST.get("next", "")
        context = {"row": cells_of(_row(request, event, next_url), request.user), "next_url": next_url}
        return render(request, "events/_row_changed.html", context, status=status)
    if request.htmx:
        return detail.answer(request, event.pk, status=status, focus_on=touched)
    return redirect(safe_next(request.get_host(), request.POST.get("next"), event.get_absolute_url()))


def _row(request: MemberRequest, event: Any, next_url: str = "") -> Row:
    found = listing.rows_for([event.pk], request.user)
    if not found:
        raise Http404
    return row_of(found[0], request.user, next_url)
