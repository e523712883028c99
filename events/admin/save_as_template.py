"""Object tool "save as template": keeps the plan of an event as a template."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models import Event, EventTemplate
from events.services import templates
from medcover.backoffice.mixins import SavedByService, sentence_of
from medcover.common.errors import DomainError, NotAllowed


class TemplateNameForm(forms.Form):
    """How the template is to be called."""

    name = forms.CharField(label=gettext_lazy("Name of the template"), max_length=255)


class SaveAsTemplatePage(SavedByService):
    """Admin mixin with the page that asks for the template's name."""

    def get_urls(self) -> list[URLResolver | URLPattern]:  # type: ignore[override]
        """Add the address."""
        view = self.admin_site.admin_view(self.save_template_view)
        return [path("<int:event_id>/template/", view, name="events_event_save_template"), *super().get_urls()]

    def save_template_view(self, request: HttpRequest, event_id: int) -> HttpResponseBase:
        """Ask for a name (GET), or make the template (POST)."""
        event: Event = get_object_or_404(self.get_queryset(request), pk=event_id)
        if not request.user.has_perm("events.add_eventtemplate"):
            raise PermissionDenied
        form = TemplateNameForm(request.POST if request.method == "POST" else None, initial={"name": event.name})
        if form.is_valid() and (made := self._keep(request, event, form)):
            self.message_user(request, _("The template “%s” has been created.") % made)
            return HttpResponseRedirect(reverse("admin:events_eventtemplate_change", args=[made.pk]))
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Save as a template"),
            "event": event,
            "event_url": self.change_url(request, event_id),
            "form": form,
        }
        return TemplateResponse(request, "admin/events/event/save_template.html", context)

    def _keep(self, request: HttpRequest, event: Event, form: TemplateNameForm) -> EventTemplate | None:
        """Return the template; None when the form says why there is none."""
        try:
            return templates.template_from(event, form.cleaned_data["name"], by=request.user)
        except NotAllowed as error:
            raise PermissionDenied from error
        except (DomainError, ValidationError) as refusal:
            form.add_error("name", sentence_of(refusal))
            return None
