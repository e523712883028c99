"""Capacity and conditions of an event, edited as part of its form."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from credentials.models import Qualification
from events.admin.modes import PlanFormSet, PlanInline, RowForm, label_of
from events.models import StaffingCondition
from events.rules.plans import LARGEST_CAPACITY
from events.rules.staffing import Mode
from events.services.conditions import Condition, ConditionsPlan, plan_of, problem_of

_NUMBERS = _("Enter valid whole numbers for the capacity and the minimums of qualifications.")
_WHOLE = {"invalid": _NUMBERS, "required": _NUMBERS}


def _number(label: Any, *, required: bool = True, **limits: int) -> forms.IntegerField:
    """A whole number; what it may be is for the rules of the plan to say, `limits` only help typing."""
    control = forms.NumberInput(attrs={"min": 1, "max": LARGEST_CAPACITY, "inputmode": "numeric", **limits})
    return forms.IntegerField(label=label, required=required, widget=control, error_messages=_WHOLE)


class CapacityForm(forms.Form):
    """How many people an event needs and takes."""

    minimum = _number(_("Minimum of participants"))
    maximum = _number(_("Maximum of participants"))


class ConditionForm(RowForm):
    """One condition: a qualification and how many people have to cover it. An empty row is none."""

    qualification = forms.ModelChoiceField(
        label=_("Qualification"), queryset=Qualification.objects.none(), required=False, empty_label="—"
    )
    minimum = _number(_("Minimum"), required=False)
    order = forms.IntegerField(
        label=_("Order"), required=False, widget=forms.NumberInput(attrs={"inputmode": "numeric"})
    )
    remove = forms.BooleanField(label=_("Remove"), required=False)

    class Meta:
        model = StaffingCondition
        fields = ("qualification", "minimum")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            del self.fields["remove"]

    @property
    def changed_data(self) -> list[str]:
        """A row that was only moved is no row of its own."""
        return [name for name in super().changed_data if name != "order"]

    def clean(self) -> dict[str, Any]:
        """Refuse half a condition; none at all is an empty row."""
        cleaned = super().clean() or {}
        broken = {"qualification", "minimum"} & set(self.errors)
        if (
            not broken
            and not cleaned.get("remove")
            and (cleaned["qualification"] is None) != (cleaned["minimum"] is None)
        ):
            self.add_error("minimum" if cleaned["minimum"] is None else "qualification", str(_NUMBERS))
        return cleaned

    def _post_clean(self) -> None:
        """No row is made of the form: the rules of the plan see all rows together, and the service writes them."""

    @property
    def condition(self) -> Condition | None:
        """What the row asks for; None for an empty or removed one."""
        found = self.cleaned_data.get("qualification")
        if found is None or self.cleaned_data.get("remove"):
            return None
        return Condition(found, self.cleaned_data["minimum"])


class ConditionFormSet(PlanFormSet):
    """Capacity and all conditions of one event; asks the rules of the plan about the whole of them."""

    mode = Mode.CONDITIONS
    add_text = _("Add a condition")

    @cached_property
    def capacity(self) -> CapacityForm:
        """The two numbers above the rows; judged together with them."""
        known = {"minimum": self.instance.min_participants, "maximum": self.instance.max_participants}
        return CapacityForm(self.data if self.is_bound else None, initial=known, prefix="capacity")

    def add_fields(self, form: Any, index: int | None) -> None:
        """Let all rows share one reading of the qualifications, and number them."""
        super().add_fields(form, index)
        form.fields["qualification"].queryset = self._offered
        form.fields["qualification"].choices = [("", "—"), *self._choices]
        form.fields["order"].initial = None if index is None else index + 1

    @property
    def _offered(self) -> Any:
        """Living qualifications, and deleted ones that this event demands already."""
        demanded = self.instance.conditions.values("qualification") if self.instance.pk else []
        return Qualification.objects.filter(Q(is_deleted=False) | Q(pk__in=demanded))

    @cached_property
    def _choices(self) -> list[tuple[int, str]]:
        return [(row.pk, label_of(row)) for row in self._offered]

    def clean(self) -> None:
        """Refuse a plan that breaks a rule; a plan that nobody touched is left alone."""
        super().clean()
        if not self.capacity.is_valid():
            raise ValidationError(str(_NUMBERS))
        if any(self.errors) or self.changes() == self._stored:
            return
        problem = problem_of(self.changes(), participants=self._participants)
        if problem is not None:
            raise ValidationError(str(problem))

    @property
    def _participants(self) -> int:
        return self.instance.assignments.count() if self.instance.pk else 0

    @property
    def _stored(self) -> ConditionsPlan | None:
        return plan_of(self.instance) if self.instance.pk else None

    def validate_unique(self) -> None:
        """Leave it to the rules of the plan."""

    def for_new_event(self) -> dict[str, Any]:
        """Return capacity and conditions to be created."""
        return {"conditions": self.changes()}

    def changes(self) -> ConditionsPlan:
        """Return the plan as the form has it; rows without a number keep the place where they stand."""
        numbered = [(row.cleaned_data.get("order") or place, row) for place, row in enumerate(self.rows, start=1)]
        ordered = sorted(numbered, key=lambda pair: pair[0])
        conditions = [row.condition for _place, row in ordered]
        capacity = self.capacity.cleaned_data
        return ConditionsPlan(capacity["minimum"], capacity["maximum"], [row for row in conditions if row])


class ConditionInline(PlanInline):
    """Rows of conditions under the capacity."""

    model = StaffingCondition
    form = ConditionForm
    formset = ConditionFormSet
    fields = ("qualification", "minimum")
    template = "admin/events/event/conditions.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read conditions with what they demand."""
        return StaffingCondition.objects.select_related("qualification")
