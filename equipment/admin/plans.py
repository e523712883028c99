"""Plans of inspections on the page of their type."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from equipment.models import EquipmentType, InspectionPlan
from equipment.policies import VIEW
from equipment.services import inspection_plans
from equipment.services.inspection_plans import CHANGE, EDITABLE
from medcover.backoffice.mixins import BoundedRows


class PlanForm(forms.ModelForm):
    """What is checked how often."""

    class Meta:
        model = InspectionPlan
        fields = (*EDITABLE, "is_archived")
        widgets = {"name": AdminTextInputWidget, "checklist": AdminTextareaWidget(attrs={"rows": 3})}


class PlanInline(BoundedRows, admin.StackedInline):
    """The checks that every item of the type has to pass again and again."""

    model = InspectionPlan
    form = PlanForm
    verbose_name = _("plan of inspections")
    verbose_name_plural = _("Plans of inspections")
    extra = 0
    can_delete = False
    max_num = 50

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever sees the type sees its plans."""
        return request.user.has_perm(VIEW)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Plans are a part of the type."""
        return request.user.has_perm(CHANGE)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Adding one is a change of the type."""
        return self.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: plans are archived."""
        return False


def save_plans(formset: Any, of: EquipmentType, *, by: Any) -> list[InspectionPlan]:
    """Write through the services what a formset of plans says; return the plans that were written.

    The version of the type, with which the page was opened, stands for those of its plans.
    """
    return [_saved(form.instance, of, by=by) for form in formset.forms if form.has_changed()]


def _saved(plan: InspectionPlan, of: EquipmentType, *, by: Any) -> InspectionPlan:
    archived, plan.type = plan.is_archived, of
    saved = inspection_plans.save_plan(plan, by=by)
    if saved.is_archived == archived:
        return saved
    move = inspection_plans.archive_plan if archived else inspection_plans.unarchive_plan
    return move(saved.pk, by=by)
