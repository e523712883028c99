"""A series of events made from a template."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.admin.series import PatternForm, Plan, answer, sent
from events.models import EventTemplate, MasterEvent
from events.rules import planning as rules
from events.services import templates
from events.services.masters import ensure_general
from medcover.backoffice.forms import MomentInput
from medcover.backoffice.mixins import SavedByService


class TemplateSeriesForm(PatternForm):
    """What a template does not say of an event, and the pattern."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255)
    master_event = forms.ModelChoiceField(
        label=gettext_lazy("Master event"), queryset=MasterEvent.objects.none(), empty_label=None
    )
    start = forms.DateTimeField(label=gettext_lazy("Start of the first event"), widget=MomentInput())
    end = forms.DateTimeField(label=gettext_lazy("End of the first event"), widget=MomentInput())

    field_order = ("name", "master_event", "start", "end", "weekdays", "interval", "until")

    def __init__(self, data: Any, template: EventTemplate) -> None:
        super().__init__(data, initial={"interval": 1, "master_event": ensure_general().pk, "name": template.name})
        self.template = template
        masters: Any = self.fields["master_event"]
        masters.queryset = MasterEvent.objects.not_archived()

    def clean(self) -> dict[str, Any]:
        """Ask the rules of planning about the first event."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("start") and cleaned.get("end"):
            found = rules.problems(name="-", has_master=True, start=cleaned["start"], end=cleaned["end"])
            for problem in found:
                self.add_error(problem.field, str(problem.message))
        return cleaned

    def plan(self) -> Plan:
        """Return what the template says, completed by what was typed."""
        asked = self.cleaned_data
        own = {name: asked[name] for name in ("name", "master_event", "start", "end")}
        fields = templates.fields_from(self.template) | own
        return Plan(fields, templates.staffing_from(self.template), self.template)


class TemplateSeriesPage(SavedByService):
    """Admin mixin with the page that makes a series from a template."""

    def get_urls(self) -> list[URLResolver | URLPattern]:  # type: ignore[override]
        """Add the address."""
        view = self.admin_site.admin_view(self.series_view)
        return [path("<int:template_id>/series/", view, name="events_eventtemplate_series"), *super().get_urls()]

    def series_view(self, request: HttpRequest, template_id: int) -> HttpResponseBase:
        """Ask for the first event and the pattern and show the days (GET), or make the events (POST)."""
        if not (request.user.has_perm("events.add_event") and request.user.has_perm("events.view_eventtemplate")):
            raise PermissionDenied
        template: EventTemplate = get_object_or_404(EventTemplate, pk=template_id)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Create a series"),
            "row": template,
            "row_url": self.change_url(request, template.pk),
            "lead": template.name,
            "counted": _("Weeks are counted from the week of the first event."),
        }
        return answer(request, TemplateSeriesForm(sent(request), template), context)
