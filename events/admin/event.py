"""Event admin: change list and form."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from equipment.event_plan import plan_of
from equipment.models import EventPlan
from equipment.plan_querysets import shortages_read_once
from equipment.services import plans
from events import policies
from events.admin import filters
from events.admin.actions import EVENT_ACTIONS
from events.admin.columns import EventColumns
from events.admin.conditions import ConditionInline
from events.admin.conversion import ConversionPage
from events.admin.crew import CrewPages
from events.admin.deletion import DeletionPage
from events.admin.equipment import EquipmentInline, equipment_of, stored_plan, warn_of_unreadable
from events.admin.form import PLAN_FIELDS, EventForm
from events.admin.modes import PlanFormSet, counting_plan
from events.admin.object_tools import object_tools_for
from events.admin.positions import PositionInline
from events.admin.prefill import PrefilledPlans, prefill_of
from events.admin.printing import PrintAction
from events.admin.save_as_template import SaveAsTemplatePage
from events.admin.series import SeriesPage
from events.admin.split import SplitPage
from events.admin.steps import EventSteps
from events.models import Event
from events.rules.planning import Kind
from events.rules.staffing import Mode
from events.services import planning, responsible
from events.services.conditions import warning_of
from events.services.masters import ensure_general
from medcover.backoffice.mixins import FoldedSearch, LocalMoments
from medcover.backoffice.paging import Paged
from medcover.common import formats
from medcover.common.text import key_in
from medcover.system import audit_history

HISTORY_LIMIT = 50


@admin.register(Event)
class EventAdmin(
    EventSteps,
    CrewPages,
    ConversionPage,
    SplitPage,
    SeriesPage,
    SaveAsTemplatePage,
    DeletionPage,
    PrefilledPlans,
    EventColumns,
    PrintAction,
    Paged,
    FoldedSearch,
    LocalMoments,
    admin.ModelAdmin,
):
    """Events: the list where a coordinator sees what needs them, and the form where they plan."""

    form = EventForm
    change_form_template = "admin/events/event/change_form.html"
    bulk_actions = EVENT_ACTIONS

    list_display = ("time_column", "name_column", "status_column", "staffing_column", "leader_column")
    list_display_links = ("name_column",)
    list_filter = (
        filters.TimeFilter,
        filters.ShortFilter,
        filters.LeaderlessFilter,
        "status",
        filters.MasterFilter,
        "kind",
        "is_paid",
        filters.ArchiveFilter,
    )
    list_per_page = 75
    list_max_show_all = 300
    show_facets = admin.ShowFacets.NEVER
    search_fields = ("name_search",)
    date_hierarchy = "start"

    # --- who may ----------------------------------------------------------------------------------------

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Drafts need the right to see drafts."""
        if obj is None:
            return request.user.has_perm("events.view_event")
        return policies.may_view(request.user, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What is completed or cancelled is only shown."""
        if obj is None:
            return request.user.has_perm("events.change_event")
        return policies.may_edit(request.user, obj)

    # --- the list ---------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read what the person may know about, with everything a row shows."""
        return Event.objects.visible_to(request.user).with_master_and_leader().with_readiness(timezone.now())

    def get_ordering(self, request: HttpRequest) -> Any:
        """Next first; looking back, latest first."""
        return ("-start", "-id") if request.GET.get("time") == filters.TimeFilter.PAST else ("start", "id")

    def changed_sentence(self, count: int) -> str:
        """Return the words for `count` changed events."""
        return ngettext("%d event changed.", "%d events changed.", count) % count

    def words_for(self, row: Event) -> str:
        """Several events may share a name, so the day stands beside it."""
        return f"{formats.date_time(row.start, timezone.get_current_timezone())} {row.name}"

    # --- the form ---------------------------------------------------------------------------------------

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields in the order of planning; without a leader for a new event, which nobody is on yet."""
        if obj is None:
            return PLAN_FIELDS
        place = PLAN_FIELDS.index("start")
        fields = (*PLAN_FIELDS[:place], "responsible_person", *PLAN_FIELDS[place:])
        if obj.is_final and obj.kind != Kind.TRAINING:
            return tuple(name for name in fields if name != "planned_participants")
        return fields

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the plan in the event's own mode; a new event offers both."""
        if obj is None:
            return (ConditionInline, PositionInline, EquipmentInline)
        return (ConditionInline if obj.by_conditions else PositionInline, EquipmentInline)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Choosing who leads is a right of its own."""
        may_choose = obj is None or request.user.has_perm("events.set_responsible_person", obj)
        return () if may_choose else ("responsible_person",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin as the link says; otherwise put a new event under the general master event."""
        given: dict[str, Any] = dict(super().get_changeform_initial_data(request))
        return {"master_event": ensure_general().pk, **prefill_of(request).initial, **given}

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Answer a form for what has been completed or cancelled meanwhile with a sentence, not with 403."""
        event = self.get_object(request, object_id) if object_id and request.method == "POST" else None
        if event is not None and event.is_final:
            self.message_user(request, _("Completed or cancelled events cannot be edited."), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        if request.method != "GET":
            return super().changeform_view(request, object_id, form_url, extra_context)
        self._begin_with(request, object_id)
        with shortages_read_once():
            return super().changeform_view(request, object_id, form_url, extra_context)

    def _begin_with(self, request: HttpRequest, object_id: str | None) -> None:
        """Let the form begin with what it is a copy of, and with the stored plan of equipment."""
        if object_id is None:
            found = prefill_of(request)
            self.set_initial_plan(request, found.staffing)
            self.set_initial_equipment(request, found.equipment)
        else:
            self.set_initial_equipment(request, stored_plan(EventPlan.objects.filter(event=key_in(object_id))))

    def store(self, request: HttpRequest, form: Any, formsets: Sequence[Any], *, change: bool) -> Event:
        """Hand the form and the plans that count to planning, and the leader to whoever keeps leaders."""
        plan, equipment = counting_plan(formsets), equipment_of(request, formsets)
        with plans.judged_with_plan() if equipment else nullcontext():
            event = self._edit(request, form, plan) if change else self._create(request, form, plan)
            if equipment:
                plans.replace_plan(event.pk, equipment.wanted(), by=request.user)
                warn_of_unreadable(request, equipment)
        if plan.mode == Mode.CONDITIONS and (warning := warning_of(plan.changes())):
            self.message_user(request, str(warning), messages.WARNING)
        return event

    def _create(self, request: HttpRequest, form: EventForm, plan: PlanFormSet) -> Event:
        return planning.create_event(
            by=request.user,
            at=timezone.now(),
            open_now="_open" in request.POST,
            **plan.for_new_event(),
            **form.plan(),
        )

    def _edit(self, request: HttpRequest, form: EventForm, plan: PlanFormSet) -> Event:
        event = planning.edit_event(
            form.instance.pk,
            by=request.user,
            version=form.cleaned_data["version"],
            plan=plan.changes(),
            **form.plan(),
        )
        if form.names_other_leader:
            leader = form.cleaned_data["responsible_person"]
            responsible.set_responsible_person(event.pk, leader, by=request.user, notify=True)
        return event

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Show around the form what one decides by: the steps, the staffing, what happened so far."""
        context |= self._surroundings(request, obj) if obj else self._offers(request)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _offers(self, request: HttpRequest) -> dict[str, Any]:
        may_open = request.user.has_perm("events.publish_event") and request.user.has_perm("events.open_signups")
        title = prefill_of(request).title
        return {"title": title, "event": None, "may_open": may_open, "may_assign": False, "may_remove": False}

    def _surroundings(self, request: HttpRequest, event: Event) -> dict[str, Any]:
        if request.method == "POST":
            # The form has put what was typed on its own row; around it stands what is true.
            event = self.get_queryset(request).get(pk=event.pk)
        manages = policies.may_manage_crew(request.user, event)
        return {
            "title": event.name,
            "subtitle": None,
            "event": event,
            "object_tools": object_tools_for(request.user, event),
            "may_open": False,
            "crew": event.assignments.select_related("person").in_order_of_signing_up() if event.by_conditions else (),
            "may_edit": policies.may_edit(request.user, event),
            "may_assign": manages and policies.can_be_filled(event),
            "may_remove": manages and policies.can_be_emptied(event),
            "queue": event.queue.in_order().select_related("person").with_open_offer(),
            "equipment": plan_of(event, request.user, offering=False),
            "history": audit_history.of_event(event.pk, limit=HISTORY_LIMIT),
        }

    def get_urls(self) -> list[URLResolver | URLPattern]:  # type: ignore[override]
        """Answer Django's own history address, whose log we leave empty, with the event's history."""
        view = self.admin_site.admin_view(self.history_redirect)
        return [path("<int:event_id>/history/", view), *super().get_urls()]

    def history_redirect(self, request: HttpRequest, event_id: int) -> HttpResponseBase:
        """Go to the history below the form."""
        return HttpResponseRedirect(f"{self.change_url(request, event_id)}#history")
