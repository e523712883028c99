"""The positions of an event, edited in place as part of its form."""

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
from events.admin.prefill import MAX_COPIES_PER_ROW
from events.models import Position
from events.rules.plans import positions_problem
from events.rules.staffing import Mode
from events.services.positions import PlanChanges, PositionPlan, planned


class PositionForm(RowForm):
    """One position; a new one may be made several times at once."""

    qualifications = forms.ModelMultipleChoiceField(
        label=_("required qualifications"),
        queryset=Qualification.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Empty = anyone"),
    )
    count = forms.IntegerField(
        label=_("Count"),
        required=False,
        min_value=1,
        max_value=MAX_COPIES_PER_ROW,
        help_text=_("How many such positions to create; empty = one."),
    )
    remove = forms.BooleanField(label=_("Delete the position"), required=False)

    class Meta:
        model = Position
        fields = ("description", "is_optional", "qualifications")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("count" if self.instance.pk else "remove", None)

    def clean_remove(self) -> bool:
        """Refuse to remove a position that somebody is on."""
        remove = bool(self.cleaned_data["remove"])
        if remove and self.instance.occupant:
            raise ValidationError(_("An occupied position cannot be deleted."))
        return remove

    @property
    def is_kept(self) -> bool:
        """The position will be on the event after saving; an empty row will not."""
        exists = bool(self.instance.pk) or self.has_changed()
        return exists and not self.cleaned_data.get("remove")

    def wanted(self) -> PositionPlan:
        """Return what the position is to be like."""
        data = self.cleaned_data
        return PositionPlan(data["description"], data["is_optional"], list(data["qualifications"]))

    def copies(self) -> list[PositionPlan]:
        """Return the new positions that this row asks for."""
        return [self.wanted()] * (self.cleaned_data.get("count") or 1)


class PositionFormSet(PlanFormSet):
    """All positions of one event; asks the rules of the plan about the whole of them."""

    mode = Mode.POSITIONS
    add_text = _("Add another position")

    def add_fields(self, form: Any, index: int | None) -> None:
        """Let all rows share one reading of the qualifications."""
        super().add_fields(form, index)
        form.fields["qualifications"].queryset = self._offered
        form.fields["qualifications"].choices = self._choices

    @cached_property
    def _offered(self) -> Any:
        """Living qualifications, and deleted ones that this event demands already."""
        demanded = self.instance.positions.values("qualifications") if self.instance.pk else []
        return Qualification.objects.filter(Q(is_deleted=False) | Q(pk__in=demanded))

    @cached_property
    def _choices(self) -> list[tuple[int, str]]:
        return [(row.pk, label_of(row)) for row in self._offered]

    def clean(self) -> None:
        """Refuse a plan that breaks a rule; a plan that nobody touched is left alone."""
        super().clean()
        if any(self.errors) or not self._touched:
            return
        problem = positions_problem([planned(form.wanted()) for form in self.rows if form.is_kept])
        if problem is not None:
            raise ValidationError(str(problem))

    @property
    def _touched(self) -> bool:
        return self.instance.pk is None or any(form.has_changed() for form in self.rows)

    def for_new_event(self) -> dict[str, Any]:
        """Return the positions to be created."""
        return {"positions": self.new_positions()}

    def new_positions(self) -> list[PositionPlan]:
        """Return the positions to be created."""
        fresh = [form for form in self.rows if not form.instance.pk and form.is_kept]
        return [plan for form in fresh for plan in form.copies()]

    def changes(self) -> PlanChanges:
        """Return everything that the form wants to be different."""
        existing = [form for form in self.rows if form.instance.pk]
        return PlanChanges(
            added=self.new_positions(),
            changed={form.instance.pk: form.wanted() for form in existing if form.is_kept and form.has_changed()},
            removed=[form.instance.pk for form in existing if not form.is_kept],
        )


class PositionInline(PlanInline):
    """Cards of positions."""

    model = Position
    form = PositionForm
    formset = PositionFormSet
    fields = ("description", "is_optional", "qualifications")
    template = "admin/events/event/positions.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read positions with the people on them."""
        return Position.objects.with_crew()
