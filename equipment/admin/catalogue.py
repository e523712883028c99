"""Admin of types of equipment and of storage locations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from equipment.admin.filters import ArchiveFilter, PlannedFilter
from equipment.admin.plans import PlanInline, save_plans
from equipment.admin.viewing import SeenWithEquipment
from equipment.models import EquipmentType, InspectionPlan, StorageLocation
from equipment.services import catalogue
from equipment.services.shortage import warning_of
from medcover.backoffice.forms import VersionedForm
from medcover.backoffice.mixins import FoldedSearch, NothingDeleted, SavedByService
from medcover.backoffice.paging import Paged
from medcover.backoffice.steps import Step, StepTable
from medcover.common.czech import MISSING
from medcover.common.errors import DomainError
from medcover.common.text import tidy
from notifications.slack import config as slack_config


class TypeForm(VersionedForm):
    """Name, icon, description."""

    class Meta:
        model = EquipmentType
        fields = ("name", "icon", "description")
        widgets = {
            "name": AdminTextInputWidget,
            "icon": AdminTextInputWidget(attrs={"size": 4}),
            "description": AdminTextareaWidget(attrs={"rows": 3}),
        }


@admin.register(EquipmentType)
class TypeAdmin(SeenWithEquipment, SavedByService, FoldedSearch, Paged, admin.ModelAdmin):
    """Types of equipment; one without items can be deleted."""

    form = TypeForm
    inlines = (PlanInline,)
    actions = None
    list_display = ("name_column", "description_column", "items_column", "pool_column", "plans_column")
    list_filter = (PlannedFilter,)
    search_fields = ("name",)
    ordering = ("name_sort", "id")
    change_form_template = "admin/equipment/equipmenttype/change_form.html"
    title_of_new = gettext_lazy("New type of equipment")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read each with how many items there are, and how many can be used now."""
        rows: Any = super().get_queryset(request)
        now = timezone.now()
        counted = rows.with_items_counted().with_pool(now, now + timedelta(microseconds=1))
        return counted.prefetch_related(Prefetch("inspection_plans", InspectionPlan.objects.in_use(), "plans_in_use"))

    @admin.display(description=pgettext_lazy("thing", "Name"), ordering="name_sort")
    def name_column(self, row: EquipmentType) -> str:
        """Icon and name, in Czech order."""
        return str(row)

    @admin.display(description=gettext_lazy("Description"))
    def description_column(self, row: EquipmentType) -> str:
        """The beginning of it."""
        return Truncator(row.description).chars(120) or MISSING

    @admin.display(description=gettext_lazy("Items"), ordering="item_count")
    def items_column(self, row: Any) -> SafeString:
        """How many items there are, as a link to them."""
        return _link_to_items(self, row.item_count, type__id__exact=row.pk)

    @admin.display(description=gettext_lazy("Usable now"), ordering="pool")
    def pool_column(self, row: Any) -> str:
        """How many of them count at this moment."""
        return str(row.pool)

    @admin.display(description=gettext_lazy("Inspections"))
    def plans_column(self, row: Any) -> str:
        """What its items have to pass again and again."""
        return ", ".join(plan.name for plan in row.plans_in_use) or MISSING

    def store(self, request: HttpRequest, form: Any, formsets: Sequence[Any], *, change: bool) -> EquipmentType:
        """Save the type."""
        version = form.cleaned_data["version"] if change else None
        saved = catalogue.save_type(form.instance, by=request.user, version=version)
        if plans := [plan for formset in formsets for plan in save_plans(formset, saved, by=request.user)]:
            self._warn(request, saved, plans)
        return saved

    def _warn(self, request: HttpRequest, saved: EquipmentType, plans: Sequence[InspectionPlan]) -> None:
        """Say at once how many items do not count because of the plans that were just written, and what that breaks."""
        broken = {event.pk: event for plan in plans for event in plan.breaks}
        if words := warning_of(list(broken.values())):
            self.message_user(request, words, messages.WARNING)
        today = timezone.localdate()
        if count := saved.items.filter(safe_until__lt=today, is_archived=False).count():
            words = ngettext(
                "%d item of the type is overdue for a safety inspection and counts for no event. "
                "If it was inspected, record the last result.",
                "%d items of the type are overdue for a safety inspection and count for no event. "
                "If they were inspected, record the last results.",
                count,
            )
            self.message_user(request, words % count, messages.WARNING)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask once (GET), or delete (POST)."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if not self.has_delete_permission(request, row):
            raise PermissionDenied
        if request.method == "POST":
            return self._delete(request, row)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Delete the type of equipment"),
            "row": row,
            "has_items": row.items.exists(),
            "back": self.change_url(request, row.pk),
        }
        return TemplateResponse(request, "admin/equipment/equipmenttype/delete.html", context)

    def _delete(self, request: HttpRequest, row: EquipmentType) -> HttpResponse:
        try:
            name = catalogue.delete_type(row.pk, by=request.user)
        except DomainError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(self.change_url(request, row.pk))
        self.message_user(request, _("The type of equipment “%s” has been deleted.") % name, messages.SUCCESS)
        return HttpResponseRedirect(reverse(self.address_name("changelist")))


class LocationForm(VersionedForm):
    """Name, place in the order, and the channel of its repairs."""

    class Meta:
        model = StorageLocation
        fields = ("name", "sort_order", "slack_channel")
        widgets = {"name": AdminTextInputWidget, "slack_channel": AdminTextInputWidget}

    def clean_name(self) -> str:
        """Say of a name that is taken where nobody sees it how to have it back."""
        name = tidy(self.cleaned_data["name"])
        others = StorageLocation.objects.exclude(pk=self.instance.pk)
        if others.filter(name__iexact=name, is_archived=True).exists():
            raise ValidationError(_("A storage location of this name is in the archive. Restore it from there."))
        return name


STEPS = (
    Step(
        "archive",
        gettext_lazy("Archive"),
        "archive",
        "equipment.change_storagelocation",
        lambda row: not row.is_archived,
        lambda key, *, by, at: catalogue.archive_location(key, by=by),
        gettext_lazy("Nothing new can be put there. Items that belong there stay as they are."),
        gettext_lazy("The location has been archived."),
        "danger",
    ),
    Step(
        "unarchive",
        gettext_lazy("Restore from the archive"),
        "arrow-counterclockwise",
        "equipment.change_storagelocation",
        lambda row: row.is_archived,
        lambda key, *, by, at: catalogue.unarchive_location(key, by=by),
        gettext_lazy("Items can belong there again."),
        gettext_lazy("The location has been restored."),
    ),
)


@admin.register(StorageLocation)
class LocationAdmin(
    SeenWithEquipment, SavedByService, StepTable, FoldedSearch, NothingDeleted, Paged, admin.ModelAdmin
):
    """Places where equipment is kept."""

    form = LocationForm
    actions = None
    steps = STEPS
    list_display = ("name_column", "sort_order", "items_column")
    list_filter = (ArchiveFilter,)
    search_fields = ("name",)
    ordering = ("sort_order", "name_sort", "id")
    change_form_template = "admin/equipment/change_form.html"
    title_of_new = gettext_lazy("New storage location")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for the channel only where there is Slack."""
        fields = super().get_fields(request, obj)
        return [name for name in fields if name != "slack_channel" or slack_config.is_on()]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read each with the number of its items."""
        rows: Any = super().get_queryset(request)
        return rows.with_items_counted()

    @admin.display(description=pgettext_lazy("thing", "Name"), ordering="name_sort")
    def name_column(self, row: StorageLocation) -> str:
        """Name, in Czech order."""
        return row.name

    @admin.display(description=gettext_lazy("Items"), ordering="item_count")
    def items_column(self, row: Any) -> SafeString:
        """How many items belong there, as a link to them."""
        return _link_to_items(self, row.item_count, location__id__exact=row.pk)

    def store(self, request: HttpRequest, form: Any, formsets: Sequence[Any], *, change: bool) -> StorageLocation:
        """Save the location."""
        version = form.cleaned_data["version"] if change else None
        return catalogue.save_location(form.instance, by=request.user, version=version)


def _link_to_items(model_admin: admin.ModelAdmin, count: int, **query: Any) -> SafeString:
    url = reverse(f"{model_admin.admin_site.name}:equipment_equipmentitem_changelist", query=query)
    return format_html('<a href="{}">{}</a>', url, count)
