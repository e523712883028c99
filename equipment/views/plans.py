"""Planning equipment on the page of an event: one type at a time."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from equipment import event_plan
from equipment.forms.plans import PlannedTypeForm
from equipment.services import plans
from equipment.views.requests import readers_only, shown_event
from events.models import Event
from medcover.common.errors import DomainError, NotAllowed
from medcover.common.text import key_in


@readers_only
@require_POST
def plan_type(request: HttpRequest, event_id: int) -> HttpResponse:
    """Plan so many items of a type for the event, in place of what was planned of it."""
    event, form = _plannable(request, event_id), PlannedTypeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a type of equipment and a quantity."))
        return _answer(request, event)
    typed = form.cleaned_data
    return _change(
        request, event, lambda: plans.plan_type(event.pk, typed["type"].pk, typed["quantity"], by=request.user)
    )


@readers_only
@require_POST
def unplan_type(request: HttpRequest, event_id: int) -> HttpResponse:
    """Take a type off the plan of the event."""
    event, key = _plannable(request, event_id), key_in(request.POST.get("type"))
    return _change(request, event, lambda: plans.unplan_type(event.pk, key, by=request.user))


def _plannable(request: HttpRequest, event_id: int) -> Event:
    event = shown_event(request, event_id)
    if not request.user.has_perm(plans.PLAN):
        raise PermissionDenied
    return event


def _change(request: HttpRequest, event: Event, change: Callable[[], object]) -> HttpResponse:
    try:
        change()
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The equipment of the event has been changed."))
    return _answer(request, event)


def _answer(request: HttpRequest, event: Event) -> HttpResponse:
    """Answer with the changed part of the event's page, or lead back to it."""
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(f"{event.get_absolute_url()}#event-equipment")
    context = {"event": event, "equipment": event_plan.plan_of(event, request.user), "changed": True}
    return render(request, "equipment/_event_plan_changed.html", context)
