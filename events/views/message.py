"""Writing to those on an event."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from events import policies
from events.models import Event
from events.services.messages import MAX_SUBJECT, MAX_TEXT, possible_recipients, send_message
from events.views.requests import MemberRequest, visible_event
from medcover.common.errors import DomainError


@require_http_methods(["GET", "HEAD", "POST"])
def write_message(request: MemberRequest, pk: int) -> HttpResponse:
    """Show whom one can write to, everybody signed up being chosen; send what was written."""
    event = visible_event(request, pk)
    if not policies.may_message(request.user, event):
        raise PermissionDenied
    typed = _typed(request) if request.method == "POST" else None
    if typed is None:
        return _page(request, event, {"people": _signed_up(event), "subject": "", "text": "", "with_contact": False})
    try:
        count = send_message(event.pk, by=request.user, at=timezone.now(), **typed)
    except DomainError as error:
        messages.error(request, str(error))
        return _page(request, event, typed, status=409)
    said = ngettext("The message goes to %d person.", "The message goes to %d people.", count)
    messages.success(request, said % count)
    return redirect("events:detail", pk)


def _typed(request: MemberRequest) -> dict[str, Any]:
    sent = request.POST
    return {
        "people": sent.getlist("people"),
        "subject": sent.get("subject", ""),
        "text": sent.get("text", ""),
        "with_contact": "with_contact" in sent,
    }


def _signed_up(event: Event) -> list[str]:
    return [str(key) for key in event.assignments.values_list("person", flat=True)]


def _page(request: MemberRequest, event: Event, typed: dict[str, Any], *, status: int = 200) -> HttpResponse:
    places = dict(event.assignments.values_list("person", "position__description"))
    people = [(person, person.pk in places, places.get(person.pk) or "") for person in possible_recipients(event)]
    context = {
        "event": event,
        "typed": typed,
        "signed_up": [(person, place) for person, is_on, place in people if is_on],
        "waiting": [(person, place) for person, is_on, place in people if not is_on],
        "longest_subject": MAX_SUBJECT,
        "longest_text": MAX_TEXT,
    }
    return render(request, "events/message.html", context, status=status)
