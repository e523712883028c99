"""Admin views in which a coordinator assigns people to an event and removes them.

A position, and an event staffed by conditions, has a page of its own on which people are found by typing; no page
ever lists everybody.
"""

from __future__ import annotations

from typing import Any

from django.contrib.messages import ERROR, WARNING
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_htmx.http import HttpResponseClientRedirect

from events import policies
from events.models import Event
from events.rules.conflicts import in_words
from events.rules.eligibility import TO_REMOVE, objections
from events.services import crew
from events.views.assigning import Target, key_of, page_of
from medcover.backoffice.mixins import SavedByService
from medcover.common.errors import DomainError, NotAllowed
from roster.models import User

PAGE, LIST_PART = "admin/events/event/assign.html", "admin/events/event/_candidates.html"


class CrewPages(SavedByService):
    """Admin mixin with pages for assigning to a position or an event, and for removing an assignment."""

    def get_urls(self) -> list[URLResolver | URLPattern]:  # type: ignore[override]
        """Add the addresses."""
        place, assign = (
            self.admin_site.admin_view(self.assign_view),
            self.admin_site.admin_view(self.assign_to_event_view),
        )
        remove = self.admin_site.admin_view(self.remove_view)
        return [
            path("<int:event_id>/positions/<int:position_id>/assign/", place, name="events_event_assign"),
            path("<int:event_id>/assign/", assign, name="events_event_assign_to_event"),
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
            return self._back(request, event_id, _("This position no longer exists."))
        return self._choose(request, Target(event, position))

    def assign_to_event_view(self, request: HttpRequest, event_id: int) -> HttpResponseBase:
        """Show who could join an event staffed by conditions; take the one that was chosen."""
        event = self._managed(request, event_id)
        if not event.by_conditions:
            return self._back(request, event_id, _("Choose one of the positions."))
        return self._choose(request, Target(event))

    def _choose(self, request: HttpRequest, target: Target) -> HttpResponseBase:
        if target.refusal:
            return self._back(request, target.event.pk, target.refusal)
        if request.method == "POST":
            return self._assign(request, target)
        may_except = request.user.has_perm("events.assign_other")
        context = {
            **self._page(request, target.event, target.title),
            **page_of(target, request.GET, may_except=may_except),
        }
        return TemplateResponse(request, LIST_PART if _wants_part(request) else PAGE, context)

    def _assign(self, request: HttpRequest, target: Target) -> HttpResponseBase:
        person = request.POST.get("person")
        try:
            joined = target.assign(person, by=request.user, reason=request.POST.get("reason", ""))
        except NotAllowed as error:
            raise PermissionDenied from error
        except crew.NeedsReason as concern:
            return self._reason_page(request, target, concern)
        except DomainError as error:
            self.message_user(request, str(error), ERROR)
            return HttpResponseRedirect(request.get_full_path())
        person_name = joined.assignment.person.name
        for sentence in in_words(joined.conflicts, person_name):
            self.message_user(request, sentence, WARNING)
        return self.after(request, target.event.pk, _("%s has been assigned to the event.") % person_name)

    def _reason_page(self, request: HttpRequest, target: Target, concern: crew.NeedsReason) -> TemplateResponse:
        context = {
            **self._page(request, target.event, target.title),
            "position": target.position,
            "target": target,
            "person": User.objects.get(pk=key_of(request.POST.get("person"))),
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
        for objection in objections(TO_REMOVE, policies.facts_about(event)):
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

    def _back(self, request: HttpRequest, event_id: int, refusal: object) -> HttpResponseBase:
        """Say why not and go back to the event, with the whole page even where a script asked for a part."""
        answer = self.after(request, event_id, refusal, level=ERROR)
        return HttpResponseClientRedirect(answer["Location"]) if _wants_part(request) else answer


def _wants_part(request: HttpRequest) -> bool:
    """Whether a script asks for the list alone, to put it in place of the one shown."""
    return bool(getattr(request, "htmx", False))
