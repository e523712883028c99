"""Admin of items."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextareaWidget
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from equipment import policies
from equipment.admin.filters import (
    ArchiveFilter,
    AvailabilityFilter,
    HolderFilter,
    InspectionFilter,
    ServiceDueFilter,
)
from equipment.admin.importing import ImportPages
from equipment.admin.labels import PrintsLabels
from equipment.admin.steps import STEPS
from equipment.admin.viewing import SeenWithEquipment
from equipment.models import EquipmentItem, StorageLocation
from equipment.services import issues, items
from equipment.services.issues import ISSUE
from equipment.services.shortage import warning_of
from equipment.states import ItemState, states_of
from equipment.templatetags.items import item_state
from medcover.backoffice.bulk import BulkAction, BulkActions
from medcover.backoffice.columns import NothingLast
from medcover.backoffice.forms import VersionedForm, only_chosen
from medcover.backoffice.mixins import FoldedSearch, NothingDeleted, SavedByService
from medcover.backoffice.paging import Paged
from medcover.backoffice.steps import ObjectTool, StepTable
from medcover.common.bulk import BulkResult
from medcover.common.czech import MISSING
from medcover.common.forms import DayInput

_DAYS = ("acquired_on", "warranty_until", "service_due", "expires_on")
_LINES = ("description", "notes")


class ItemForm(VersionedForm):
    """The columns of an item that are typed; who has it and whether it can be used are changed by steps."""

    class Meta:
        model = EquipmentItem
        fields = items.EDITABLE
        widgets = {
            **dict.fromkeys(_DAYS, DayInput),
            **{name: AdminTextareaWidget(attrs={"rows": 3}) for name in _LINES},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("type", "location"):
            if name in self.fields:
                only_chosen(self.fields[name], may_add=True)
                self.fields[name].widget.can_delete_related = False
        if "location" in self.fields:
            offered = Q(is_archived=False) | Q(pk=getattr(self.instance, "location_id", None))
            self.fields["location"].queryset = StorageLocation.objects.filter(offered)  # type: ignore[attr-defined]


def _archive_all(ids: Sequence[Any], *, by: Any, at: datetime, notify: bool) -> BulkResult:  # noqa: ARG001
    return items.archive_all(ids, by=by)


def _unarchive_all(ids: Sequence[Any], *, by: Any, at: datetime, notify: bool) -> BulkResult:  # noqa: ARG001
    return items.unarchive_all(ids, by=by)


def _take_back_all(ids: Sequence[Any], *, by: Any, at: datetime, notify: bool) -> BulkResult:  # noqa: ARG001
    return issues.take_back_all(ids, by=by, at=at)


BULK_ACTIONS = (
    BulkAction(
        "take_back",
        _("Note the return"),
        ISSUE,
        _("Nobody has these items any more. Those that nobody has are skipped."),
        _take_back_all,
        may_notify=False,
    ),
    BulkAction(
        "archive",
        pgettext_lazy("several", "Archive"),
        "equipment.delete_equipmentitem",
        _("They count for no plan and leave all lists. Those that somebody has are skipped."),
        _archive_all,
        may_notify=False,
    ),
    BulkAction(
        "unarchive",
        pgettext_lazy("several", "Restore from the archive"),
        "equipment.delete_equipmentitem",
        _("They come back to all lists and count again."),
        _unarchive_all,
        may_notify=False,
    ),
)


@admin.register(EquipmentItem)
class ItemAdmin(
    ImportPages,
    SeenWithEquipment,
    SavedByService,
    StepTable,
    PrintsLabels,
    BulkActions,
    FoldedSearch,
    NothingDeleted,
    Paged,
    admin.ModelAdmin,
):
    """The register of items."""

    form = ItemForm
    steps = STEPS
    bulk_actions = BULK_ACTIONS
    list_display = (
        "name_column", "type_column", "serial_number", "location_column", "holder_column", "state_column",
        "service_due_column",
    )  # fmt: skip
    list_filter = (
        ArchiveFilter, HolderFilter, AvailabilityFilter, ServiceDueFilter, InspectionFilter, "type", "location",
    )  # fmt: skip
    search_fields = ("name",)
    search_help_text = _("Name, type, manufacturer, model, serial number or code; diacritics do not matter")
    ordering = ("name_sort", "id")
    change_form_template = "admin/equipment/change_form.html"
    title_of_new = _("New item of equipment")
    readonly_fields = ("code_column",)
    fieldsets = (
        (None, {"fields": ("name", "type", "location", "place", "code_column")}),
        (_("Identification"), {"fields": ("manufacturer", "model", "serial_number", "description")}),
        (_("Service and expiry"), {"fields": ("service_due", "expires_on", "warranty_until")}),
        (_("Acquisition"), {"fields": ("acquired_on", "acquired_from", "price")}),
        (_("Notes"), {"fields": ("notes",)}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read each with its type and location, who has it, and when it is out of service."""
        rows: Any = super().get_queryset(request)
        read = rows.select_related("type", "location").with_holder().with_windows_left(timezone.now()).with_status()
        return read.with_holder_name()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A new item has no code yet."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is not None:
            return fieldsets
        (title, first), *others = fieldsets
        return [(title, {**first, "fields": [name for name in first["fields"] if name != "code_column"]}), *others]

    # --- columns ----------------------------------------------------------------------------------------

    @admin.display(description=pgettext_lazy("thing", "Name"), ordering="name_sort")
    def name_column(self, row: EquipmentItem) -> str:
        """Name, in Czech order."""
        return row.name

    @admin.display(description=_("Type"), ordering="type__name_sort")
    def type_column(self, row: EquipmentItem) -> str:
        """Icon and name of the type."""
        return str(row.type)

    @admin.display(description=_("Location"), ordering=NothingLast("location__name_sort"))
    def location_column(self, row: EquipmentItem) -> str:
        """Where it belongs."""
        return ", ".join(filter(None, [row.location.name if row.location else "", row.place])) or MISSING

    @admin.display(description=_("Issued to"), ordering=NothingLast("holder_sort"))
    def holder_column(self, row: Any) -> str:
        """Who has it."""
        return ", ".join(issue.person.name for issue in row.open_issues) or MISSING

    @admin.display(description=_("Availability"))
    def state_column(self, row: Any) -> str:
        """Whether it can be used."""
        return item_state(state_now(row))

    @admin.display(description=_("Next service due"), ordering=NothingLast("service_due"))
    def service_due_column(self, row: EquipmentItem) -> str:
        """The day of the next service."""
        return f"{row.service_due:%d.%m.%Y}" if row.service_due else MISSING

    @admin.display(description=_("Code"))
    def code_column(self, row: EquipmentItem) -> str:
        """What stands on its label."""
        return row.code

    def changed_sentence(self, count: int) -> str:
        """Count items."""
        return ngettext("%d item changed.", "%d items changed.", count) % count

    # --- the form ---------------------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave what has been archived as it is."""
        return super().has_change_permission(request, obj) and not getattr(obj, "is_archived", False)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Show above the form how the item stands, and what else can be done with it."""
        if obj is not None:
            state = state_now(self.as_stored(request, obj))
            context |= {"state": state, "object_tools": _tools(request.user, state)}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def store(self, request: HttpRequest, form: Any, formsets: Sequence[Any], *, change: bool) -> EquipmentItem:
        """Save the item, and name the events that lack something because of it."""
        version = form.cleaned_data["version"] if change else None
        saved = items.save_item(form.instance, by=request.user, version=version)
        if words := warning_of(saved.breaks):
            self.message_user(request, words, messages.WARNING)
        return saved


def state_now(row: Any) -> ItemState:
    """Return the state of a row of the list."""
    return next(states_of([row], timezone.now()))


def _tools(user: Any, state: ItemState) -> list[ObjectTool]:
    """Return the member pages on which the person does something with the item."""
    key = state.item.pk
    found = [ObjectTool(_("Photos, documents and history"), reverse("equipment:item", args=[key]), "eye")]
    if state.can_be_issued and policies.may_issue(user):
        found.append(ObjectTool(_("Issue to somebody"), reverse("equipment:issue", args=[key]), "person-plus"))
    if policies.may_manage_repairs(user):
        found.append(ObjectTool(_("Repairs"), f"{reverse('equipment:repairs')}?item={key}", "tools"))
    if policies.has_public_page(state.item):
        found.append(ObjectTool(_("Public page"), reverse("public:item", args=[state.item.code]), "box-arrow-up-right"))
    if policies.may_modify_availability(user, state.item):
        found.append(ObjectTool(_("Take out of service"), reverse("equipment:service", args=[key]), "tools"))
    return found
