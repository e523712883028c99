"""Master event admin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.messages import INFO
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from events.admin.filters import ArchiveFilter
from events.admin.master_events import events_of
from events.admin.table import TablePages
from events.models import MasterEvent
from events.services import masters
from medcover.backoffice.forms import VersionedForm, only_chosen
from medcover.backoffice.mixins import FoldedSearch, NothingDeleted, SavedByService
from medcover.backoffice.paging import Paged
from medcover.backoffice.people import PersonSelect
from medcover.backoffice.steps import Button, Stepped, Told
from roster.models import User


class MasterEventForm(VersionedForm):
    """Name, description, and an active person as coordinator; one who has left may stay where they are."""

    instance: MasterEvent

    class Meta:
        model = MasterEvent
        fields = ("name", "description", "coordinator")
        widgets = {"description": forms.Textarea(attrs={"rows": 5})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "coordinator" in self.fields:
            field: Any = self.fields["coordinator"]
            field.queryset = User.objects.filter(Q(is_active=True) | Q(pk=self.instance.coordinator_id))
            only_chosen(field)


def ways_column(user: Any) -> Any:
    """Return the column of links to what the person may do with a master event."""
    rights = ("events.view_event", "events.change_masterevent", "events.archive_masterevent",
              "events.unarchive_masterevent")  # fmt: skip
    may = {code.split(".")[1]: user.has_perm(code) for code in rights}

    @admin.display(description=gettext_lazy("Options"))
    def actions_column(master: Any) -> str:
        return render_to_string("admin/events/masterevent/cell_links.html", {"master": master, "may": may})

    return actions_column


@admin.register(MasterEvent)
class MasterEventAdmin(TablePages, SavedByService, Stepped, Paged, FoldedSearch, NothingDeleted, admin.ModelAdmin):
    """Master events, the folders of events; archiving one takes its events along."""

    form = MasterEventForm
    fields = ("name", "description", "coordinator")
    change_form_template = "admin/events/masterevent/change_form.html"
    list_display = ("name_column", "coordinator", "events_column")
    list_display_links = ("name_column",)
    list_filter = (ArchiveFilter,)
    list_select_related = ("coordinator",)
    list_per_page = 75
    show_facets = admin.ShowFacets.NEVER
    search_fields = ("name_search",)
    ordering = ("-is_general", "name_sort", "id")
    actions = None

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read master events with the number of their events, archived ones included."""
        living = Count("events", filter=Q(events__is_archived=False))
        counted = MasterEvent.objects.annotate(event_count=Count("events"), living_count=living)
        return counted.order_by(*self.ordering)

    @admin.display(description=gettext_lazy("Name"), ordering="name_sort")
    def name_column(self, master: MasterEvent) -> str:
        """The name and whether it is the default one or archived."""
        return render_to_string("admin/events/masterevent/cell_name.html", {"master": master})

    @admin.display(description=gettext_lazy("Events"), ordering="event_count")
    def events_column(self, master: Any) -> int:
        """How many events belong to it, archived ones included."""
        return int(master.event_count)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Add what the person may do with a row."""
        return (*self.list_display, ways_column(request.user))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What is archived is only shown."""
        may = request.user.has_perm("events.change_masterevent")
        return may and not (obj is not None and obj.is_archived)

    # --- the form ---------------------------------------------------------------------------------------

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Choose the coordinator by typing."""
        if db_field.name == "coordinator":
            kwargs["widget"] = PersonSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def store(self, request: HttpRequest, form: Any, formsets: Sequence[Any], *, change: bool) -> MasterEvent:
        """Hand the row with its new values to the service."""
        version = form.cleaned_data["version"] if change else None
        return masters.save_master_event(form.instance, by=request.user, version=version)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Head the page with the name that is stored."""
        if obj is None:
            context |= {"title": _("New master event"), "master": None}
        else:
            master = self.get_queryset(request).get(pk=obj.pk)
            context |= {"title": master.name, "subtitle": None, "master": master}
            context |= events_of(request, master)
        return super().render_change_form(request, context, add, change, form_url, obj)

    # --- archiving --------------------------------------------------------------------------------------

    def buttons_for(self, request: HttpRequest, row: Any) -> list[Button]:
        """Archive or restore, except the general one."""
        code = "unarchive" if row.is_archived else "archive"
        if row.is_general or not request.user.has_perm(f"events.{code}_masterevent"):
            return []
        url = self.step_url(row, code)
        if row.is_archived:
            staying = _("The master event returns to the lists; its archived events stay archived.")
            return [Button(_("Restore from the archive"), url, staying, "arrow-counterclockwise", "main")]
        return [Button(_("Archive"), url, _going_along(row.living_count), "archive", "danger")]

    def take_step(self, request: HttpRequest, row: MasterEvent, code: str, version: int) -> Told:
        """Archive or restore, and say what happened to the events."""
        if code == "archive":
            return _archived(len(masters.archive_master_event(row.pk, by=request.user, version=version)))
        if code == "unarchive":
            return _restored(masters.unarchive_master_event(row.pk, by=request.user, version=version))
        raise Http404


def _going_along(count: int) -> str:
    return ngettext(
        "The master event is archived and %d event with it; everybody signed up there is told.",
        "The master event is archived and %d events with it; everybody signed up there is told.",
        count,
    ) % count  # fmt: skip


def _archived(count: int) -> Told:
    told = ngettext(
        "The master event has been archived, and %d event with it.",
        "The master event has been archived, and %d events with it.",
        count,
    )
    return Told(told % count)


def _restored(staying: int) -> Told:
    if not staying:
        return Told(_("The master event has been restored."))
    told = ngettext(
        "The master event has been restored. Attention: %d event of it stays archived; restore it by itself.",
        "The master event has been restored. Attention: %d events of it stay archived; restore them one by one.",
        staying,
    )
    return Told(told % staying, INFO)
