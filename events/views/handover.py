"""Hand-over of a duty: finding a substitute by name, and the answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from events.models import HandOver
from events.services import handover
from events.substitutes import MIN_QUERY_LENGTH, substitutes_for
from events.views.requests import MemberRequest, visible_event
from events.views.waiting import carry_out
from medcover.common.errors import DomainError

#: What may be answered, by whom, and what the page says afterwards.
_ANSWERS: dict[str, tuple[Callable[..., object], str, Any]] = {
    "accept": (
        handover.accept,
        "substitute",
        gettext_lazy("You have taken the duty over, you are signed up for %(event)s."),
    ),
    "decline": (handover.decline, "substitute", gettext_lazy("You have declined to take the duty over.")),
    "withdraw": (handover.withdraw, "person", gettext_lazy("The proposal has been withdrawn, the duty stays yours.")),
}


@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: MemberRequest, pk: int) -> HttpResponse:
    """Let a participant find somebody by typing, and ask the one they choose."""
    event = visible_event(request, pk)
    duty = event.assignments.select_related("event", "position", "person").filter(person=request.user).first()
    if duty is None:
        messages.error(request, _("You are not signed up for this event."))
        return redirect("events:detail", pk)
    if request.method == "POST":
        return _propose(request, duty)
    text = request.GET.get("q", "").strip()
    context = {
        "event": event,
        "duty": duty,
        "text": text,
        "is_long_enough": len(text) >= MIN_QUERY_LENGTH,
        "people": substitutes_for(duty, text),
    }
    return render(request, "events/_substitutes.html" if request.htmx else "events/hand_over.html", context)


def _propose(request: MemberRequest, duty: Any) -> HttpResponse:
    try:
        proposal = handover.propose(duty.event_id, request.POST.get("person"), by=request.user, at=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        said = _("You have asked %(name)s to take your duty over. You stay signed up until they accept.")
        messages.success(request, said % {"name": proposal.substitute.name})
    return redirect("events:detail", duty.event_id)


@require_POST
def answer(request: MemberRequest, pk: int, code: str) -> HttpResponse:
    """Accept, decline or withdraw a proposal; answers 400 to anything else, 404 to a proposal of others."""
    if code not in _ANSWERS:
        raise BadRequest(code)
    change, side, said = _ANSWERS[code]
    mine = HandOver.objects.filter(**{side: request.user}).select_related("event")
    proposal = get_object_or_404(mine, pk=pk)
    words = str(said) % {"event": proposal.event.name}
    return carry_out(request, proposal.event, lambda: change(pk, by=request.user, at=timezone.now()), words)
