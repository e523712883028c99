"""Placing people on an event and taking them off, by a coordinator.

A position has a page of its own on which people are found by typing; no page ever lists everybody.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.messages import ERROR, WARNING
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events import policies
from events.admin import candidates
from events.models import Event, Position
from events.rules.eligibility import TO_ASSIGN, TO_REMOVE, Facts, objections
from events.services import crew
from medcover.backoffice.mixins import SavedByService
from medcover.common.errors import DomainError, NotAllowed
from roster.models import User

PAGE, LIST_PART = "admin/events/event/assign.html", "admin/events/event/_candidates.html"


class CrewPages(SavedByService):
    """Pages for assigning to a position and for removing an assignment."""

    def get_urls(self) -> list[URLResolver | URLPattern]:  # type: ignore[override]
        """Add the two addresses."""
        assign, remove = (self.admin_site.admin_view(view) for view in (self.assign_view, self.remove_view))
        return [
            path("<int:event_id>/positions/<int:position_id>/assign/", assign, name="events_event_assign"),
            path("<int:event_id>/people/<int:assignment_id>/remove/", remove, name="events_event_remove"),
            *super().get_urls(),
        ]

    def _managed(self, request: HttpRequest, event_id: int) -> Event:
        event: Event = get_object_or_404(self.get_queryset(request), pk=event_id)
        if not policies.may_manage_crew(request.user, event):
            raise PermissionDenied
        return event

    # --- assigning --------------------------------------------------------------------------------------

    def assign_view(self, request: HttpRequest, event_id: int, position_id: int) -> HttpResponseBase:
        """Show who could take the position; take the one that was chosen."""
        event = self._managed(request, event_id)
        position = event.positions.with_crew().filter(pk=position_id).first()
        if position is None:
            return self.after(request, event_id, _("This position no longer exists."), level=ERROR)
        for objection in objections(TO_ASSIGN, _facts(event, position)):
            return self.after(request, event_id, objection, level=ERROR)
        if request.method == "POST":
            return self._assign(request, event, position)
        return self._candidates_page(request, event, position)

    def _assign(self, request: HttpRequest, event: Event, position: Position) -> HttpResponseBase:
        person_id, reason = _key(request.POST.get("person")), request.POST.get("reason", "")
        try:
            joined = crew.assign(position.pk, person_id, by=request.user, at=timezone.now(), override_reason=reason)
        except NotAllowed as error:
            raise PermissionDenied from error
        except crew.NeedsReason as concern:
            return self._reason_page(request, event, position, person_id, concern)
        except DomainError as error:
            self.message_user(request, str(error), ERROR)
            return HttpResponseRedirect(request.get_full_path())
        self._warn_of_clashes(request, joined)
        return self.after(request, event.pk, _("%s has been assigned to the event.") % joined.assignment.person)

    def _warn_of_clashes(self, request: HttpRequest, joined: crew.Joined) -> None:
        for other in joined.clashes:
            sentence = _("%(person)s is already signed up for the overlapping event %(event)s.")
            names = {"person": joined.assignment.person, "event": other.name}
            self.message_user(request, sentence % names, WARNING)

    def _candidates_page(self, request: HttpRequest, event: Event, position: Position) -> TemplateResponse:
        context = {
            **self._page(request, event, _("Assign to the position: %s") % position),
            "position": position,
            **candidates.page_of(event, position, request.GET),
        }
        return TemplateResponse(request, LIST_PART if _wants_part(request) else PAGE, context)

    def _reason_page(
        self, request: HttpRequest, event: Event, position: Position, person_id: Any, concern: crew.NeedsReason
    ) -> TemplateResponse:
        context = {
            **self._page(request, event, _("Assign to the position: %s") % position),
            "position": position,
            "person": User.objects.get(pk=person_id),
            "concern": str(concern),
            "back": request.get_full_path(),
        }
        return TemplateResponse(request, "admin/events/event/assign_reason.html", context)

    # --- removing ---------------------------------------------------------------------------------------

    def remove_view(self, request: HttpRequest, event_id: int, assignment_id: int) -> HttpResponseBase:
        """Ask once, then take the person off the event."""
        event = self._managed(request, event_id)
        assignment = event.assignments.select_related("person", "position").filter(pk=assignment_id).first()
        if assignment is None:
            return self.after(request, event_id, _("The participant has already been signed off."), level=ERROR)
        if request.method == "POST":
            return self._remove(request, event, assignment)
        for objection in objections(TO_REMOVE, _facts(event, None)):
            return self.after(request, event_id, objection, level=ERROR)
        context = {**self._page(request, event, _("Sign off: %s") % assignment.person), "assignment": assignment}
        return TemplateResponse(request, "admin/events/event/remove.html", context)

    def _remove(self, request: HttpRequest, event: Event, assignment: Any) -> HttpResponseBase:
        try:
            crew.remove(assignment.pk, by=request.user, at=timezone.now())
        except NotAllowed as error:
            raise PermissionDenied from error
        except DomainError as error:
            return self.after(request, event.pk, error, level=ERROR)
        return self.after(request, event.pk, _("%s has been signed off from the event.") % assignment.person)

    def _page(self, request: HttpRequest, event: Event, title: object) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "event": event,
            "event_url": self.change_url(request, event.pk),
        }


def can_be_filled(event: Event) -> bool:
    """Say whether people may be placed on the event as it stands."""
    return not objections(TO_ASSIGN, _facts(event, None))


def can_be_emptied(event: Event) -> bool:
    """Say whether people may be taken off the event as it stands."""
    return not objections(TO_REMOVE, _facts(event, None))


def _facts(event: Event, position: Position | None) -> Facts:
    free = position is None or position.occupant is None
    return Facts(status=event.status, is_archived=event.is_archived, position_free=free)


def _wants_part(request: HttpRequest) -> bool:
    """Whether a script asks for the list alone, to put it in place of the one shown."""
    return bool(getattr(request, "htmx", False))


def _key(text: str | None) -> uuid.UUID | None:
    """Read a person's key; None, whom nobody is, for anything odd."""
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None
