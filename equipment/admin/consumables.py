"""Admin of the kinds of consumables; what comes and goes is recorded on the member pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from equipment.admin.filters import ArchiveFilter
from equipment.admin.viewing import SeenWithEquipment
from equipment.consumables.policies import may_manage, may_see_ledger
from equipment.consumables.states import ConsumableState, soon, states_of
from equipment.models import Consumable, Lot, StorageLocation
from equipment.services import consumables
from equipment.services.ledger import MANAGE
from medcover.backoffice.columns import NothingLast
from medcover.backoffice.filters import SwitchFilter
from medcover.backoffice.forms import VersionedForm, only_chosen
from medcover.backoffice.mixins import FoldedSearch, NothingDeleted, SavedByService
from medcover.backoffice.paging import Paged
from medcover.backoffice.steps import ObjectTool, Step, StepTable
from medcover.common.czech import MISSING


class ConsumableForm(VersionedForm):
    """What is typed of a kind; its stock follows its movements."""

    class Meta:
        model = Consumable
        fields = ("name", "unit", "minimum", "location", "description")
        widgets = {
            "name": AdminTextInputWidget,
            "unit": AdminTextInputWidget(attrs={"size": 8}),
            "description": AdminTextareaWidget(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "location" in self.fields:
            only_chosen(self.fields["location"])
            offered = Q(is_archived=False) | Q(pk=getattr(self.instance, "location_id", None))
            self.fields["location"].queryset = StorageLocation.objects.filter(offered)  # type: ignore[attr-defined]


class AttentionFilter(SwitchFilter):
    """What should be bought, used up or thrown away."""

    title = _("stock")
    parameter_name = "attention"
    label = _("Needs attention")

    def narrowed(self, queryset: Any) -> Any:
        """Keep what is low, expires soon or has expired."""
        today = timezone.localdate()
        return queryset.needing_attention(today, soon(today))


class LotInline(admin.TabularInline):
    """Lots of which something is left; changed on the page of the kind."""

    model = Lot
    verbose_name_plural = _("Lots in stock")
    fields = readonly_fields = ("number", "quantity", "expires_on", "location", "received_on")
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read them in the order in which they are to be used."""
        rows: Any = super().get_queryset(request)
        return rows.in_stock().in_order_of_use().select_related("location", "consumable")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Show them with the kind."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: deliveries are received."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: every change is a line of the ledger."""
        return False


STEPS = (
    Step(
        "archive",
        _("Archive"),
        "archive",
        MANAGE,
        lambda row: not row.is_archived and not (row.stock or row.expired_stock),
        lambda key, *, by, at: consumables.archive_consumable(key, by=by),
        _("It leaves the list and nothing can be received. Its ledger stays, and it can be restored."),
        _("The consumable has been archived."),
        "danger",
    ),
    Step(
        "unarchive",
        _("Restore from the archive"),
        "arrow-counterclockwise",
        MANAGE,
        lambda row: row.is_archived,
        lambda key, *, by, at: consumables.unarchive_consumable(key, by=by),
        _("It comes back to the list, and deliveries can be received."),
        _("The consumable has been restored from the archive."),
    ),
)


@admin.register(Consumable)
class ConsumableAdmin(
    SeenWithEquipment, SavedByService, StepTable, FoldedSearch, NothingDeleted, Paged, admin.ModelAdmin
):
    """Kinds of consumables with what is in stock."""

    form = ConsumableForm
    actions = None
    steps = STEPS
    inlines = (LotInline,)
    list_display = ("name_column", "stock_column", "minimum", "expiry_column", "state_column")
    list_filter = (ArchiveFilter, AttentionFilter)
    search_fields = ("name",)
    ordering = ("name_sort", "id")
    change_form_template = "admin/equipment/change_form.html"
    title_of_new = _("New consumable")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read each with its stock."""
        rows: Any = super().get_queryset(request)
        return rows.with_stock(timezone.localdate())

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Ask for the right to keep the stock."""
        return may_manage(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask for the same right; what has been archived stays as it is."""
        return may_manage(request.user) and not getattr(obj, "is_archived", False)

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """A new kind has no lots."""
        return self.inlines if obj is not None else ()

    # --- columns ----------------------------------------------------------------------------------------

    @admin.display(description=pgettext_lazy("thing", "Name"), ordering="name_sort")
    def name_column(self, row: Consumable) -> str:
        """Name, in Czech order."""
        return row.name

    @admin.display(description=pgettext_lazy("quantity", "In stock"), ordering="stock")
    def stock_column(self, row: Any) -> str:
        """How much may still be used."""
        return f"{row.stock} {row.unit}"

    @admin.display(description=_("Nearest expiry"), ordering=NothingLast("nearest_expiry"))
    def expiry_column(self, row: Any) -> str:
        """The last day of use of what has to be used first."""
        return f"{row.nearest_expiry:%d.%m.%Y}" if row.nearest_expiry else MISSING

    @admin.display(description=_("State"))
    def state_column(self, row: Any) -> str:
        """Whether there is enough, and what expires."""
        return render_to_string("equipment/consumables/_state.html", {"state": _state(row), "quiet": False})

    # --- the form ---------------------------------------------------------------------------------------

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Offer above the form the member pages on which the stock is kept."""
        if obj is not None:
            context["object_tools"] = _tools(request.user, self.as_stored(request, obj))
        return super().render_change_form(request, context, add, change, form_url, obj)

    def store(self, request: HttpRequest, form: Any, formsets: Sequence[Any], *, change: bool) -> Consumable:
        """Save the kind."""
        version = form.cleaned_data["version"] if change else None
        return consumables.save_consumable(form.instance, by=request.user, version=version)


def _state(row: Any) -> ConsumableState:
    return next(states_of([row], timezone.localdate()))


def _tools(user: Any, row: Consumable) -> list[ObjectTool]:
    found = [ObjectTool(_("Lots and use"), reverse("equipment:consumable", args=[row.pk]), "eye")]
    if may_see_ledger(user):
        found.append(ObjectTool(_("All movements"), reverse("equipment:ledger", args=[row.pk]), "list-ul"))
    if may_manage(user) and not row.is_archived:
        steps = (
            ("receive", _("Receive a delivery"), "box-arrow-in-right"),
            ("count", _("Take stock"), "clipboard-check"),
        )
        found += [ObjectTool(label, reverse(f"equipment:{name}", args=[row.pk]), icon) for name, label, icon in steps]
    return found
