"""Assigning others to an event, removing them, and choosing who leads: for those who may, without the backoffice."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from events import policies
from events.models import Event
from events.rules.conflicts import in_words
from events.services import crew, responsible
from events.views import detail
from events.views.assigning import Target, key_of, page_of
from events.views.requests import MemberRequest, visible_event
from medcover.backoffice.steps import posted_version
from medcover.common.errors import DomainError, NotAllowed
from medcover.common.text import key_in
from roster.models import User


@require_http_methods(["GET", "HEAD", "POST"])
def assign(request: MemberRequest, pk: int) -> HttpResponse:
    """Show who could be put on the event, or on the position named in the address; put there whoever was chosen."""
    event = _managed(request, pk)
    target = _target(event, request.GET.get("position", ""))
    if target is None or target.refusal:
        return _back(request, event, target.refusal if target else _("Choose one of the free positions."))
    if request.method == "POST":
        return _assign(request, target)
    may_except = request.user.has_perm("events.assign_other")
    context = page_of(target, request.GET, may_except=may_except)
    return render(request, "events/_candidates.html" if request.htmx else "events/assign.html", context)


def _managed(request: MemberRequest, pk: int) -> Event:
    seen = Event.objects.visible_to(request.user).with_staffing().with_master_and_leader()
    event: Event = get_object_or_404(seen, pk=pk)
    if not policies.may_manage_crew(request.user, event):
        raise PermissionDenied
    return event


def _target(event: Event, position: str) -> Target | None:
    """Return where somebody is wanted; None where an event has positions and none of them is named."""
    if event.by_conditions:
        return Target(event)
    found = event.positions.with_crew().filter(pk=key_in(position)).first()
    return Target(event, found) if found else None


def _assign(request: MemberRequest, target: Target) -> HttpResponse:
    try:
        joined = target.assign(request.POST.get("person"), by=request.user, reason=request.POST.get("reason", ""))
    except NotAllowed:
        raise
    except crew.NeedsReason as concern:
        return _ask_for_reason(request, target, concern)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(request.get_full_path())
    person = joined.assignment.person
    messages.success(request, _("%s has been assigned to the event.") % person.name)
    for sentence in in_words(joined.conflicts, person.name):
        messages.warning(request, sentence)
    return redirect(target.event)


def _ask_for_reason(request: MemberRequest, target: Target, concern: crew.NeedsReason) -> HttpResponse:
    context = {
        "target": target,
        "event": target.event,
        "person": User.objects.get(pk=key_of(request.POST.get("person"))),
        "concern": str(concern),
        "back": request.get_full_path(),
    }
    return render(request, "events/assign_reason.html", context)


def _back(request: MemberRequest, event: Event, refusal: str) -> HttpResponse:
    """Say why not and go back to the event, with the whole page even where a script asked for a part."""
    messages.error(request, refusal)
    return HttpResponseClientRedirect(event.get_absolute_url()) if request.htmx else redirect(event)


@require_POST
def remove(request: MemberRequest, pk: int, person: uuid.UUID) -> HttpResponse:
    """Take somebody off the event."""
    event = _managed(request, pk)
    assignment = event.assignments.filter(person=person).values_list("pk", "person__name").first() or (0, "")
    return _changed(
        request,
        event,
        lambda: crew.remove(assignment[0], by=request.user),
        _("%s has been signed off from the event.") % assignment[1],
    )


@require_POST
def choose_leader(request: MemberRequest, pk: int) -> HttpResponse:
    """Make a participant responsible for the event."""
    event = visible_event(request, pk)
    if not request.user.has_perm("events.set_responsible_person", event):
        raise PermissionDenied
    chosen = User.objects.filter(pk=key_of(request.POST.get("person"))).first()
    if chosen is None:
        messages.error(request, _("Choose who is to be responsible."))
        return detail.answer(request, event.pk, status=409)
    version = posted_version(request.POST.get("version"))
    return _changed(
        request,
        event,
        lambda: responsible.set_responsible_person(event.pk, chosen, by=request.user, version=version),
        _("%s is responsible for the event now.") % chosen.name,
    )


def _changed(request: MemberRequest, event: Event, change: Any, said: str) -> HttpResponse:
    """Make the change and answer with what the event's page shows now."""
    try:
        change()
    except NotAllowed:
        raise
    except DomainError as error:
        messages.error(request, str(error))
        return detail.answer(request, event.pk, status=409)
    messages.success(request, said)
    return detail.answer(request, event.pk)
