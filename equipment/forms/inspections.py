"""Forms of inspections: what the list shows, and what came of one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from equipment import page_querysets
from equipment.forms.item import file_input
from equipment.forms.listing import OptionalRow
from equipment.models import EquipmentType, InspectionPlan, InspectionResult, ItemInspection, StorageLocation
from equipment.services.inspections import RECORD, Finding
from medcover.common.forms import KnownChoice
from roster.models import User

Outcome = InspectionResult.Outcome

#: What is asked of how an inspection stands → the choice.
STATES = (
    ("", _("All")),
    ("overdue", _("Overdue")),
    ("soon", pgettext_lazy("inspection", "Due soon")),
    ("failed", pgettext_lazy("inspection", "Failed")),
    ("never", _("Never made")),
)
#: How far ahead the list looks; "" as each plan reminds.
AHEAD = (
    ("", _("As each plan reminds")),
    ("30", _("Within 30 days")),
    ("90", _("Within 90 days")),
    ("366", _("Within a year")),
    ("all", _("All, also what is not due yet")),
)


class DayInput(forms.DateInput):
    """The browser's own field for a day."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class InspectionFilter(forms.Form):
    """What the reader wants to see of the inspections. Whatever it does not know it ignores."""

    type = OptionalRow(
        label=_("Type"),
        required=False,
        queryset=EquipmentType.objects.all(),
        rows=page_querysets.types_offered,
        empty_label=_("All types"),
    )
    location = OptionalRow(
        label=_("Storage location"),
        required=False,
        queryset=StorageLocation.objects.in_use(),
        rows=page_querysets.locations_offered,
        empty_label=_("All locations"),
    )
    plan = OptionalRow(
        label=_("Inspection"),
        required=False,
        queryset=InspectionPlan.objects.in_use().by_name(),
        rows=page_querysets.plans_offered,
        empty_label=_("All inspections"),
    )
    ahead = KnownChoice(label=_("How far ahead"), required=False, initial="", choices=AHEAD)
    state = KnownChoice(label=_("State"), required=False, initial="", choices=STATES)

    def __init__(self, params: QueryDict) -> None:
        super().__init__(data=params)
        self.fields["plan"].label_from_instance = plan_label  # type: ignore[attr-defined]
        self.is_valid()

    @property
    def is_narrowing(self) -> bool:
        """Something was asked for."""
        return any(self.cleaned_data.get(name) for name in self.fields)

    def found(self, today: date) -> Any:
        """Return the inspections that match, of items that are in use."""
        asked = self.cleaned_data
        rows = ItemInspection.objects.in_use().matching(
            type=asked["type"], location=asked["location"], plan=asked["plan"]
        )
        return _in_state(_ahead(rows, asked["ahead"], today), asked["state"], today)


def plan_label(plan: InspectionPlan) -> str:
    """Return a plan as it is offered: with the type that it belongs to."""
    return f"{plan.type.name} – {plan.name}"


def _ahead(rows: Any, ahead: str, today: date) -> Any:
    if ahead == "all":
        return rows
    return rows.due_by(today + timedelta(days=int(ahead))) if ahead else rows.reminded_on(today)


def _in_state(rows: Any, state: str, today: date) -> Any:
    narrowed = {
        "overdue": lambda: rows.overdue_on(today),
        "soon": lambda: rows.exclude(pk__in=rows.overdue_on(today).values("pk")),
        "failed": rows.failed,
        "never": rows.never_made,
    }
    return narrowed[state]() if state in narrowed else rows


class PersonField(forms.ModelChoiceField):
    """One of those who record inspections, by name."""

    def label_from_instance(self, obj: User) -> str:
        """Return the name."""
        return obj.name


class FindingForm(forms.Form):
    """What came of an inspection; what fits together is judged by the service."""

    field_order = ("ticked", "outcome", "note", "done_on", "done_by", "firm", "next_due", "protocol")

    outcome = forms.ChoiceField(label=_("Outcome"), widget=forms.RadioSelect)
    ticked = forms.MultipleChoiceField(
        label=_("Checklist"), required=False, widget=forms.CheckboxSelectMultiple, choices=()
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("What was found; needed unless the item has simply passed."),
    )
    done_on = forms.DateField(label=_("Day of the inspection"), widget=DayInput)
    done_by = PersonField(
        label=_("Done by"), required=False, queryset=User.objects.none(), empty_label=_("An outside firm")
    )
    firm = forms.CharField(label=_("Outside firm"), required=False, max_length=120)
    next_due = forms.DateField(
        label=_("Next inspection on"),
        required=False,
        widget=DayInput,
        help_text=_("Only if it is another day than the plan reckons."),
    )

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        plan: InspectionPlan,
        reader: Any,
        today: date,
        corrected: InspectionResult | None = None,
    ) -> None:
        super().__init__(data, files, initial=_initial(plan, corrected, reader, today))
        self.corrected = corrected
        outcomes = [choice for choice in Outcome.choices if corrected or choice[0] != Outcome.VOID]
        self.fields["outcome"].choices = outcomes  # type: ignore[attr-defined]
        self.fields["ticked"].choices = [*enumerate(plan.points)]  # type: ignore[attr-defined]
        self.fields["done_by"].queryset = _inspectors(reader, corrected)  # type: ignore[attr-defined]
        if not plan.points:
            del self.fields["ticked"]

    def finding(self) -> Finding:
        """Return what was typed into the valid form, as the service takes it."""
        typed = self.cleaned_data
        file = typed.get("protocol")
        return Finding(
            done_on=typed["done_on"],
            outcome=typed["outcome"],
            done_by=typed["done_by"].pk if typed["done_by"] else None,
            firm=typed["firm"],
            note=typed["note"],
            next_due=typed["next_due"],
            ticked={int(place) for place in typed.get("ticked", [])},
            corrects=self.corrected.pk if self.corrected else None,
            protocol=(bytes(file.read()), str(file.name)) if file else None,
        )


def _initial(plan: InspectionPlan, corrected: InspectionResult | None, reader: Any, today: date) -> dict[str, Any]:
    """Return what the form begins with: today and oneself, or what is to be corrected."""
    if corrected is None:
        return {"done_on": today, "done_by": reader.pk}
    names = ("done_on", "done_by", "firm", "outcome", "note", "next_due")
    before = corrected.ticked.splitlines()
    ticked = [place for place, point in enumerate(plan.points) if point in before]
    return {**{name: getattr(corrected, name) for name in names}, "ticked": ticked}


def _inspectors(reader: Any, corrected: InspectionResult | None) -> Any:
    """Return who may have made it: those who record inspections; to whoever may not see people, only oneself."""
    known = {reader.pk, corrected.done_by_id if corrected else None}
    if reader.has_perm("roster.view_user"):
        known |= set(User.objects.active().holding_permission(RECORD).values_list("pk", flat=True))
    return User.objects.filter(pk__in=known).by_name()


class InspectionForm(FindingForm):
    """What came of the inspection of one item, with its report."""

    protocol = forms.FileField(label=_("Report of the inspection (PDF)"), required=False, allow_empty_file=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["protocol"].widget = file_input("application/pdf,.pdf")
