"""Staffing modes on one form: a new event shows positions and conditions, and the chosen mode counts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.forms.models import BaseInlineFormSet
from django.forms.utils import ErrorDict
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from credentials.models import Qualification
from events.admin.prefill import initial_rows
from events.models import Event
from events.rules.staffing import Mode
from medcover.backoffice.mixins import BoundedRows

#: Name of the control with which the mode of a new event is chosen, and what is chosen unless somebody does.
MODE_FIELD = "staffing_mode"
DEFAULT_MODE = Mode.CONDITIONS


def mode_field(help_text: Any) -> forms.ChoiceField:
    """Return the control with which the way of staffing is chosen."""
    return forms.ChoiceField(
        label=_("Way of staffing"),
        choices=[
            (Mode.CONDITIONS, _("By conditions: how many people, and what they have to cover together")),
            (Mode.POSITIONS, _("By positions: each for one person, with its own qualifications")),
        ],
        initial=DEFAULT_MODE,
        widget=forms.RadioSelect,
        help_text=help_text,
    )


class RowForm(forms.ModelForm):
    """A row of the plan; where the other mode was chosen, whatever was typed stays on the page and is not judged."""

    counts = True

    def full_clean(self) -> None:
        """Judge what counts."""
        if self.counts:
            super().full_clean()
        else:
            self._errors, self.cleaned_data = ErrorDict(renderer=self.renderer), {}


class PlanFormSet(BaseInlineFormSet):
    """The rows of a plan in one mode."""

    mode: ClassVar[Mode]
    add_text: ClassVar[Promise | str]

    @cached_property
    def counts(self) -> bool:
        """This is the mode of the event; of a new one, the mode that was chosen for it."""
        if self.instance.pk or not self.is_bound:
            return True
        return bool(self.data.get(MODE_FIELD) == self.mode)

    def add_fields(self, form: Any, index: int | None) -> None:
        """Tell each row whether it counts."""
        super().add_fields(form, index)
        form.counts = self.counts

    def full_clean(self) -> None:
        """Judge what counts."""
        if self.counts:
            super().full_clean()
        else:
            self._errors: list[Any] = []
            self._non_form_errors = self.error_class()

    @property
    def rows(self) -> list[Any]:
        """The rows on the form, in its order."""
        return list(self.forms)

    @property
    def script_options(self) -> str:
        """Tell the admin's script for adding rows which words to use."""
        options = {"prefix": self.prefix, "addText": str(self.add_text), "deleteText": str(_("Remove"))}
        return json.dumps({"name": f"#{self.prefix}", "options": options})

    def for_new_event(self) -> dict[str, Any]:
        """Return the plan as the service that creates an event takes it."""
        raise NotImplementedError

    def changes(self) -> Any:
        """Return the plan as the service that edits an event takes it."""
        raise NotImplementedError


def counting_plan(formsets: Iterable[Any]) -> PlanFormSet:
    """Return the rows in the mode of the event, or in the one that was chosen for it."""
    (plan,) = [formset for formset in formsets if isinstance(formset, PlanFormSet) and formset.counts]
    return plan


def label_of(qualification: Qualification) -> str:
    """Return the name under which a qualification is offered."""
    if not qualification.is_deleted:
        return str(qualification)
    return f"{qualification} ({pgettext('qualification', 'removed')})"


class PlanInline(BoundedRows, admin.StackedInline):
    """A plan beside the fields of an event; it follows the rights on the event, having none of its own."""

    can_delete = False
    rows_when_new, rows_later = 3, 1

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever sees the event sees its plan."""
        return request.user.has_perm("events.view_event")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may edit the event may edit its plan."""
        editable = not isinstance(obj, Event) or not obj.is_final
        return editable and request.user.has_perm("events.change_event")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Adding is a part of editing."""
        return self.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Removing goes through the form's own check box and the service behind it."""
        return False

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """Offer empty rows: a few where nothing is planned yet, one after a plan to begin with or an existing one."""
        rows = self.rows_to_begin_with(request)
        if rows:
            return len(rows) + self.rows_later
        return self.rows_when_new if obj is None else self.rows_later

    def rows_to_begin_with(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Return the rows that this request's form begins with; none for those that are stored."""
        return initial_rows(request, self.mode)

    @property
    def mode(self) -> Mode:
        """The way of staffing that the rows belong to."""
        formset: Any = self.formset
        return Mode(formset.mode)
