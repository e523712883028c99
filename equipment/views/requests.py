"""What the views of items share: who may look, the item in the address, and the answer to a step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from equipment import page_querysets
from equipment.policies import VIEW
from equipment.services.inspections import RECORD
from equipment.services.repairs.record import MANAGE
from equipment.services.shortage import warning_of
from equipment.states import ItemState, states_of
from events.models import Event
from medcover.common.errors import DomainError, NotAllowed
from medcover.common.forms import NO_VERSION
from medcover.common.redirects import safe_next
from medcover.common.text import key_in

readers_only = permission_required(VIEW, raise_exception=True)
inspectors_only = permission_required([VIEW, RECORD], raise_exception=True)
workers_only = permission_required(MANAGE, raise_exception=True)
printers_only = permission_required([VIEW, MANAGE], raise_exception=True)


def shown_item(pk: int) -> ItemState:
    """Return an item with its state now, or answer that there is none."""
    now = timezone.now()
    item = page_querysets.read_item(pk, now)
    if item is None:
        raise Http404
    return next(states_of([item], now))


def shown_event(request: HttpRequest, pk: int) -> Event:
    """Return an event; one that the reader may not know about is answered like one that does not exist."""
    event = page_querysets.read_event(pk, request.user)
    if event is None:
        raise Http404
    return event


def address_of(pk: int) -> str:
    """Return the address of an item's page."""
    return reverse("equipment:item", args=[pk])


def posted_version(request: HttpRequest) -> int:
    """Return the version with which the page was shown; one that no row has for anything odd."""
    return key_in(request.POST.get("version")) or NO_VERSION


def do(request: HttpRequest, pk: int, change: Callable[[], Any], done: Any, *, back: str = "") -> HttpResponse:
    """Make a change and lead back to the page it was asked for on; a refusal is said there.

    `done` is said afterwards, or makes the sentence out of what the change has returned. Where the page is not known,
    it is that of the item, or `back`.
    """
    try:
        outcome = change()
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except (DomainError, ValidationError) as refusal:
        messages.error(request, sentence_of(refusal))
    else:
        messages.success(request, done(outcome) if callable(done) else str(done))
        warn_of_broken(request, outcome)
    return redirect(safe_next(request.get_host(), request.POST.get("next"), back or address_of(pk)))


def warn_of_broken(request: HttpRequest, outcome: Any) -> None:
    """Name the events that lack something because of the change, which has returned `outcome`."""
    if words := warning_of(getattr(outcome, "breaks", ())):
        messages.warning(request, words)


def sentence_of(refusal: DomainError | ValidationError) -> str:
    """Return what is said of a refusal."""
    return " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)
