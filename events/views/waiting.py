"""Waiting list pages: queueing, leaving the queue, answering an offer."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from events.models import Event, Offer
from events.services import waiting
from events.views import detail
from events.views.requests import MemberRequest, visible_event
from medcover.common.errors import DomainError
from medcover.common.redirects import safe_next


@require_POST
def queue(request: MemberRequest, pk: int) -> HttpResponse:
    """Put the reader on the waiting list."""
    event = visible_event(request, pk)
    said = _("You are on the waiting list of %(event)s. When a place for you is free, we will offer it to you.")
    return carry_out(
        request, event, lambda: waiting.queue(event.pk, by=request.user, at=timezone.now()), said % {"event": event}
    )


@require_POST
def unqueue(request: MemberRequest, pk: int) -> HttpResponse:
    """Take the reader off the waiting list."""
    event = visible_event(request, pk)
    said = _("You are not on the waiting list of %(event)s any more.") % {"event": event}
    return carry_out(request, event, lambda: waiting.unqueue(event.pk, by=request.user, at=timezone.now()), said)


@require_POST
def accept(request: MemberRequest, pk: int) -> HttpResponse:
    """Sign the reader up for what they were offered."""
    event = _offer_to(request, pk).event
    said = _("You have accepted the offered place, you are signed up for %(event)s.") % {"event": event}
    return carry_out(request, event, lambda: waiting.accept(pk, by=request.user, at=timezone.now()), said)


@require_POST
def decline(request: MemberRequest, pk: int) -> HttpResponse:
    """Decline an offer; what was offered goes on to others."""
    event = _offer_to(request, pk).event
    said = _("You have declined the offered place on %(event)s.") % {"event": event}
    return carry_out(request, event, lambda: waiting.decline(pk, by=request.user, at=timezone.now()), said)


def _offer_to(request: MemberRequest, pk: int) -> Offer:
    """Return the offer; one to somebody else is answered like one that does not exist."""
    return get_object_or_404(Offer.objects.filter(person=request.user).select_related("event"), pk=pk)


def carry_out(request: MemberRequest, event: Event, change: Callable[[], object], said: str) -> HttpResponse:
    """Make the change and say so, or why not; answer where the button was: the event's page or the one in the form."""
    status = 200
    try:
        change()
    except DomainError as error:
        messages.error(request, str(error))
        status = 409
    else:
        messages.success(request, said)
    if request.htmx:
        return detail.answer(request, event.pk, status=status)
    return redirect(safe_next(request.get_host(), request.POST.get("next"), event.get_absolute_url()))
