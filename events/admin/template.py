"""Event template admin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from equipment.models import TemplatePlan
from equipment.services import plans
from events.admin.equipment import TemplateEquipmentInline, equipment_of, stored_plan, warn_of_unreadable
from events.admin.modes import counting_plan
from events.admin.prefill import PrefilledPlans
from events.admin.template_form import OWN_FIELDS, TemplateConditionInline, TemplateForm, TemplatePositionInline
from events.admin.template_series import TemplateSeriesPage
from events.models import EventTemplate
from events.rules.staffing import Mode
from events.services import templates
from events.services.conditions import warning_of
from medcover.backoffice.mixins import FoldedSearch, SavedByService
from medcover.backoffice.paging import Paged
from medcover.common.errors import NotAllowed


def ways_column(user: Any) -> Any:
    """Return the column of links to what the person may do with a template."""
    may = {"use": user.has_perm("events.add_event"), "delete": user.has_perm("events.delete_eventtemplate")}

    @admin.display(description=gettext_lazy("Options"))
    def actions_column(template: Any) -> str:
        return render_to_string("admin/events/eventtemplate/cell_links.html", {"template": template, "may": may})

    return actions_column


@admin.register(EventTemplate)
class EventTemplateAdmin(TemplateSeriesPage, SavedByService, PrefilledPlans, Paged, FoldedSearch, admin.ModelAdmin):
    """Templates that new events may begin with; nothing links an event to its template afterwards."""

    form = TemplateForm
    fields = OWN_FIELDS
    inlines = (TemplateConditionInline, TemplatePositionInline, TemplateEquipmentInline)
    change_form_template = "admin/events/eventtemplate/change_form.html"
    list_display = ("name_column", "description_column", "paid_column", "size_column")
    list_display_links = ("name_column",)
    search_fields = ("name_search",)
    ordering = ("name_sort", "id")
    actions = None

    # --- the list ---------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read templates with their plans."""
        plans = ("positions", "conditions__qualification")
        return EventTemplate.objects.with_size().prefetch_related(*plans).order_by(*self.ordering)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Add what the person may do with a row."""
        return (*self.list_display, ways_column(request.user))

    @admin.display(description=gettext_lazy("Name"), ordering="name_sort")
    def name_column(self, template: EventTemplate) -> str:
        """The name."""
        return template.name

    @admin.display(description=gettext_lazy("Description"))
    def description_column(self, template: EventTemplate) -> str:
        """As much of it as fits a line or two."""
        return Truncator(template.description).chars(120)

    @admin.display(description=gettext_lazy("Paid"), ordering="is_paid")
    def paid_column(self, template: EventTemplate) -> str:
        """Whether the events are paid, as a word."""
        return _("Yes") if template.is_paid else _("No")

    @admin.display(description=gettext_lazy("Staffing"), ordering="size")
    def size_column(self, template: Any) -> str:
        """How many positions, or how many people and what they cover."""
        return render_to_string("admin/events/eventtemplate/cell_size.html", {"template": template})

    # --- the form ---------------------------------------------------------------------------------------

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show the stored plan as the rows of the form."""
        template = self.get_object(request, unquote(object_id)) if object_id and request.method == "GET" else None
        if template is not None:
            self.set_initial_plan(request, templates.staffing_from(template))
            self.set_initial_equipment(request, stored_plan(TemplatePlan.objects.filter(template=template)))
        return super().changeform_view(request, object_id, form_url, extra_context)

    def store(self, request: HttpRequest, form: Any, formsets: Sequence[Any], *, change: bool) -> EventTemplate:
        """Hand the template and the plans that count to the services."""
        plan, equipment = counting_plan(formsets), equipment_of(request, formsets)
        version = form.cleaned_data["version"] if change else None
        saved = templates.save_template(form.instance, **plan.for_new_event(), by=request.user, version=version)
        if equipment:
            plans.replace_template_plan(saved, equipment.wanted(), by=request.user)
            warn_of_unreadable(request, equipment)
        if plan.mode == Mode.CONDITIONS and (warning := warning_of(plan.changes())):
            self.message_user(request, str(warning), messages.WARNING)
        return saved

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Head the page with the name that is stored; a plan belongs to no event yet."""
        stored = EventTemplate.objects.filter(pk=obj.pk).first() if obj else None
        context |= {"title": stored or _("New event template"), "subtitle": None, "template": stored, "event": None}
        return super().render_change_form(request, context, add, change, form_url, obj)

    # --- deleting ---------------------------------------------------------------------------------------

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        """Ask once (GET), or delete (POST)."""
        template = self.get_object(request, unquote(object_id))
        if template is None:
            raise Http404
        if not self.has_delete_permission(request, template):
            raise PermissionDenied
        if request.method == "POST":
            return self._delete(request, template)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Delete the template"),
            "template": template,
            "template_url": self.change_url(request, template.pk),
        }
        return TemplateResponse(request, "admin/events/eventtemplate/delete.html", context)

    def _delete(self, request: HttpRequest, template: EventTemplate) -> HttpResponseBase:
        try:
            name = templates.delete_template(template.pk, by=request.user)
        except NotAllowed as error:
            raise PermissionDenied from error
        messages.success(request, _("The template “%s” has been deleted.") % name)
        return HttpResponseRedirect(reverse("admin:events_eventtemplate_changelist"))
