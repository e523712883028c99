"""The form of a template: its own fields, and its plan in either mode, edited with the rows of an event's form.

A plan replaces the stored one as a whole, so the rows on the form are new ones, whatever they began with.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from events.admin.conditions import ConditionForm, ConditionFormSet, ConditionInline
from events.admin.modes import MODE_FIELD, mode_field
from events.admin.positions import PositionForm, PositionFormSet, PositionInline
from events.models import EventTemplate, TemplateCondition, TemplatePosition
from medcover.backoffice.forms import VersionedForm

OWN_FIELDS = ("name", "description", "kind", "is_paid")


class TemplateForm(VersionedForm):
    """Name and description are the template's own, the rest is what events begin with."""

    staffing_mode = mode_field(_("Only the part of the chosen way counts."))

    instance: EventTemplate

    class Meta:
        model = EventTemplate
        fields = OWN_FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["staffing_mode"] = self.instance.staffing_mode


class TemplatePositionForm(PositionForm):
    """One position, or several equal ones."""

    class Meta(PositionForm.Meta):
        model = TemplatePosition  # type: ignore[assignment]


class TemplatePositionFormSet(PositionFormSet):
    """The positions of a template."""

    @cached_property
    def counts(self) -> bool:
        """This is the mode that was chosen."""
        return not self.is_bound or self.data.get(MODE_FIELD) == self.mode

    @property
    def _touched(self) -> bool:
        return True


class TemplateConditionForm(ConditionForm):
    """One condition."""

    class Meta(ConditionForm.Meta):
        model = TemplateCondition  # type: ignore[assignment]


class TemplateConditionFormSet(ConditionFormSet):
    """Capacity and conditions of a template."""

    @cached_property
    def counts(self) -> bool:
        """This is the mode that was chosen."""
        return not self.is_bound or self.data.get(MODE_FIELD) == self.mode

    @property
    def _participants(self) -> int:
        return 0

    @property
    def _stored(self) -> None:
        """Judge every plan."""


class _OfTemplate:
    """Rights on the rows are those on the template."""

    rows_when_new, rows_later = 3, 2

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever sees the template sees its plan."""
        return request.user.has_perm("events.view_eventtemplate")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may edit the template may edit its plan."""
        return request.user.has_perm("events.change_eventtemplate" if obj else "events.add_eventtemplate")


class TemplatePositionInline(_OfTemplate, PositionInline):
    """Cards of positions."""

    model = TemplatePosition  # type: ignore[assignment]
    form = TemplatePositionForm
    formset = TemplatePositionFormSet

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read none: the rows are those of the plan to begin with."""
        return TemplatePosition.objects.none()


class TemplateConditionInline(_OfTemplate, ConditionInline):
    """Rows of conditions under the capacity."""

    model = TemplateCondition  # type: ignore[assignment]
    form = TemplateConditionForm
    formset = TemplateConditionFormSet

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read none: the rows are those of the plan to begin with."""
        return TemplateCondition.objects.none()
