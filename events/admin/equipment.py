"""Planned equipment on the forms of events and templates.

The rows are those of the plan to begin with; what is sent replaces the stored plan as a whole, as the services take it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from equipment.models import EquipmentType, EventPlan, TemplatePlan
from equipment.models.plans import MAX_QUANTITY
from equipment.policies import VIEW
from equipment.services.plans import PLAN
from events.models import Event
from medcover.backoffice.mixins import BoundedRows


class LenientQuantity(forms.IntegerField):
    """A quantity that never refuses a whole form: too little is one, and what cannot be read is one with a warning."""

    def clean(self, value: Any) -> int:
        """Return the number."""
        try:
            return max(1, super().clean(value) or 1)
        except forms.ValidationError:
            return 1


class EquipmentForm(forms.ModelForm):
    """One type and how many of it. A row without a type is none."""

    type = forms.ModelChoiceField(
        label=gettext_lazy("Type"), queryset=EquipmentType.objects.none(), required=False, empty_label="—"
    )
    quantity = LenientQuantity(
        label=gettext_lazy("Quantity"),
        required=False,
        initial=1,
        max_value=MAX_QUANTITY,
        widget=forms.NumberInput(attrs={"min": 1, "max": MAX_QUANTITY, "inputmode": "numeric"}),
    )
    remove = forms.BooleanField(label=gettext_lazy("Remove"), required=False)

    class Meta:
        model = EventPlan
        fields = ("type", "quantity")

    def _post_clean(self) -> None:
        """No row is made of the form: the service writes the plan as a whole."""

    @property
    def is_kept(self) -> bool:
        """The row names a type and is not to go."""
        return bool(self.cleaned_data.get("type")) and not self.cleaned_data.get("remove")

    @property
    def is_readable(self) -> bool:
        """What stands in the field is a quantity."""
        typed = self.data.get(self.add_prefix("quantity"), "")
        try:
            return bool(forms.IntegerField().clean(typed) <= MAX_QUANTITY)
        except forms.ValidationError:
            return False


class TemplateEquipmentForm(EquipmentForm):
    """One type of a template's plan."""

    class Meta(EquipmentForm.Meta):
        model = TemplatePlan  # type: ignore[assignment]


class EquipmentFormSet(BaseInlineFormSet):
    """All planned types of one event or template."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Let all rows share one reading of the types; only rows that begin filled in offer to be removed."""
        super().add_fields(form, index)
        form.fields["type"].queryset = EquipmentType.objects.all()
        form.fields["type"].choices = [("", "—"), *self._choices]
        if not self.is_bound and not form.initial.get("type"):
            del form.fields["remove"]

    @cached_property
    def _choices(self) -> list[tuple[int, str]]:
        return [(row.pk, str(row)) for row in EquipmentType.objects.order_by("name_sort", "pk")]

    def validate_unique(self) -> None:
        """A type that comes twice is taken as its first row says."""

    @property
    def script_options(self) -> str:
        """Tell the admin's script for adding rows which words to use."""
        options = {"prefix": self.prefix, "addText": _("Add a type of equipment"), "deleteText": _("Remove")}
        return json.dumps({"name": f"#{self.prefix}", "options": options})

    @property
    def kept(self) -> list[Any]:
        """The rows that name a type and are not to go."""
        rows: list[Any] = list(self.forms)
        return [row for row in rows if row.is_kept]

    def wanted(self) -> dict[int, int]:
        """Return the quantities by type; of a type that comes twice, the first counts."""
        found: dict[int, int] = {}
        for row in self.kept:
            found.setdefault(row.cleaned_data["type"].pk, row.cleaned_data["quantity"])
        return found

    def unreadable(self) -> list[EquipmentType]:
        """Return the types whose quantity could not be read, so that it is one."""
        return [row.cleaned_data["type"] for row in self.kept if not row.is_readable]


class EquipmentInline(BoundedRows, admin.StackedInline):
    """Rows of planned equipment beside the other plans of an event."""

    model = EventPlan
    form = EquipmentForm
    formset = EquipmentFormSet
    fields = ("type", "quantity")
    template = "admin/events/event/equipment.html"
    can_delete = False
    is_shown_read_only = True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever knows about equipment sees what is planned."""
        return request.user.has_perm(VIEW)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Planning is a right of its own; what is over is only shown."""
        editable = not isinstance(obj, Event) or not (obj.is_final or obj.is_archived)
        return editable and request.user.has_perm(PLAN)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Adding is a part of planning."""
        return self.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Removing goes through the form's own check box and the service behind it."""
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read none: the rows are those of the plan to begin with."""
        return self.model._default_manager.none()

    def rows_to_begin_with(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Return the rows that this request's form begins with."""
        plan = getattr(request, "initial_equipment", {})
        return [{"type": key, "quantity": quantity} for key, quantity in plan.items()]

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """Offer one empty row after the plan."""
        return len(self.rows_to_begin_with(request)) + 1


class TemplateEquipmentInline(EquipmentInline):
    """Rows of planned equipment of a template."""

    model = TemplatePlan  # type: ignore[assignment]
    form = TemplateEquipmentForm


def equipment_of(request: HttpRequest, formsets: Iterable[Any]) -> EquipmentFormSet | None:
    """Return the rows of equipment among the formsets of a form; None for whoever may not plan it."""
    if not request.user.has_perm(PLAN):
        return None
    return next((formset for formset in formsets if isinstance(formset, EquipmentFormSet)), None)


def warn_of_unreadable(request: HttpRequest, formset: EquipmentFormSet) -> None:
    """Say of which types the quantity could not be read."""
    for row in formset.unreadable():
        said = _("The quantity of “%s” could not be read; 1 has been used.") % row.name
        messages.warning(request, said)


def stored_plan(rows: Any) -> dict[int, int]:
    """Return the rows of a stored plan as those of a form begin with them."""
    return dict(rows.order_by("type__name_sort", "type").values_list("type", "quantity"))
