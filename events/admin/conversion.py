"""Object tool "convert": an event changes its staffing mode, after a page that says what would be lost."""

from __future__ import annotations

from django.contrib.messages import ERROR
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Event
from events.rules.staffing import Mode
from events.services import conversion
from medcover.backoffice.mixins import SavedByService
from medcover.backoffice.steps import posted_version
from medcover.common.errors import DomainError, NotAllowed


class ConversionPage(SavedByService):
    """Admin mixin with the page that asks before an event is converted."""

    def get_urls(self) -> list[URLResolver | URLPattern]:  # type: ignore[override]
        """Add the address."""
        view = self.admin_site.admin_view(self.convert_view)
        return [path("<int:event_id>/convert/", view, name="events_event_convert"), *super().get_urls()]

    def convert_view(self, request: HttpRequest, event_id: int) -> HttpResponseBase:
        """Say what would become of the event (GET), or convert it (POST)."""
        event: Event = get_object_or_404(self.get_queryset(request), pk=event_id)
        if not request.user.has_perm("events.change_event", event):
            raise PermissionDenied
        try:
            return self._convert(request, event) if request.method == "POST" else self._ask(request, event)
        except NotAllowed as error:
            raise PermissionDenied from error
        except DomainError as refusal:
            return self.after(request, event_id, refusal, level=ERROR)

    def _ask(self, request: HttpRequest, event: Event) -> HttpResponseBase:
        to_positions, to_conditions = _("Convert the staffing to positions"), _("Convert the staffing to conditions")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": to_positions if event.by_conditions else to_conditions,
            "event": event,
            "event_url": self.change_url(request, event.pk),
            "found": conversion.foresee(event),
        }
        return TemplateResponse(request, "admin/events/event/convert.html", context)

    def _convert(self, request: HttpRequest, event: Event) -> HttpResponseBase:
        version = posted_version(request.POST.get("version"))
        converted = conversion.convert(event.pk, by=request.user, at=timezone.now(), version=version)
        return self.after(request, event.pk, _SAID[Mode(converted.staffing_mode)])


_SAID = {
    Mode.CONDITIONS: _("The event is staffed by conditions now."),
    Mode.POSITIONS: _("The event is staffed by positions now."),
}
