"""Forms of repairs: the filter of the queue, a report, and everything that is saved at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.db.models import Case, F, SmallIntegerField, Value, When
from django.http import QueryDict
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from equipment.forms.item import PICTURES, file_input
from equipment.forms.listing import OptionalRow
from equipment.models import EquipmentItem, Repair, StorageLocation
from equipment.models.repair import LONGEST_TEXT
from equipment.repairs.rules import OPEN, Severity, Status
from equipment.services.repairs.record import MANAGE
from medcover.common.forms import KnownChoice, VersionField
from medcover.common.prepared import prepared
from medcover.common.text import key_in
from roster.models import User

ME, NOBODY = "me", "unassigned"
DEFAULT_SORT = "severity"

#: What the queue can be sorted by; a leading "-" turns the order round.
_ORDERS = {
    "severity": "rank", "item": "item__name_sort", "location": "item__location__name_sort", "created": "created",
    "status": "step", "assignee": "assignee__name_sort",
}  # fmt: skip
#: So many other repairs of the item are offered as the original of a duplicate.
_TARGETS = 100
_TARGET_LENGTH = 75


def workers() -> list[tuple[str, str]]:
    """Return the keys and names of those who work on repairs, by name."""
    return [(str(key), name) for key, name in _workers()]


@prepared()
def _workers(_given: Any) -> Any:
    return User.objects.holding_permission(MANAGE).by_name().values_list("pk", "name")


@prepared()
def _locations(_given: Any) -> Any:
    return StorageLocation.objects.in_use().values_list("pk", "name")


class _Assignee(KnownChoice):
    """Somebody, oneself or nobody; in any case of letters."""

    def clean(self, value: Any) -> str:
        """Return the key, `ME`, `NOBODY` or nothing."""
        return super().clean(str(value or "").lower())


class RepairFilter(forms.Form):
    """What somebody wants to see of the open repairs. Whatever it does not know it ignores."""

    q = forms.CharField(label=_("Item or what is wrong"), required=False, max_length=255)
    area = OptionalRow(
        label=_("Storage location"),
        required=False,
        queryset=StorageLocation.objects.in_use(),
        empty_label=_("All locations"),
    )
    status = KnownChoice(
        label=pgettext_lazy("repair", "Status"), required=False, choices=[("", _("Any status")), *Status.choices]
    )
    severity = KnownChoice(
        label=_("Severity"),
        required=False,
        choices=[("", _("Any severity")), *Severity.choices, ("none", _("Not judged"))],
    )
    assignee = _Assignee(label=_("Assignee"), required=False)
    item = OptionalRow(required=False, queryset=EquipmentItem.objects.all())
    sort = KnownChoice(
        required=False,
        initial=DEFAULT_SORT,
        choices=[(f"{sign}{key}", f"{sign}{key}") for key in _ORDERS for sign in ("", "-")],
    )

    def __init__(self, params: QueryDict) -> None:
        super().__init__(data=params)
        choices = [("", _("Anybody")), (ME, _("Me")), (NOBODY, _("Nobody")), *workers()]
        self.fields["assignee"].choices = choices  # type: ignore[attr-defined]
        self.fields["area"].choices = [("", _("All locations")), *_locations()]  # type: ignore[attr-defined]
        self.is_valid()

    @property
    def open_statuses(self) -> list[Any]:
        """The choices that can be found at all; whoever types a closed one finds nothing."""
        closed = {status.value for status in Status} - {status.value for status in OPEN}
        return [pair for pair in self.fields["status"].choices if pair[0] not in closed]  # type: ignore[attr-defined]

    @property
    def order(self) -> str:
        """The key of the order in force, with its sign."""
        return str(self.cleaned_data["sort"])

    @property
    def is_narrowing(self) -> bool:
        """Something but the order was asked for."""
        return any(self.cleaned_data.get(name) for name in ("q", "area", "status", "severity", "assignee", "item"))

    def found(self, reader: Any) -> Any:
        """Return the open repairs that match."""
        asked = self.cleaned_data
        severity = asked["severity"]
        wanted = {
            "item__location": asked["area"], "status": asked["status"], "item": asked["item"],
            "severity": "" if severity == "none" else severity or None,
        }  # fmt: skip
        narrowed = {
            column: value for column, value in wanted.items() if value or (column == "severity" and value == "")
        }
        return _of(Repair.objects.open().matching(asked.get("q", "")).filter(**narrowed), asked["assignee"], reader)

    def ordered(self, repairs: Any) -> Any:
        """Put them in the order asked for; what has nobody and no place comes last."""
        steps = [When(status=status, then=Value(place)) for place, status in enumerate(OPEN)]
        column = F(_ORDERS[self.order.removeprefix("-")])
        order = column.desc(nulls_last=True) if self.order.startswith("-") else column.asc(nulls_last=True)
        carrying = repairs.with_rank().annotate(step=Case(*steps, output_field=SmallIntegerField()))
        return carrying.order_by(order, "rank", "created", "pk")


def _of(repairs: Any, assignee: str, reader: Any) -> Any:
    if assignee == NOBODY:
        return repairs.filter(assignee__isnull=True)
    return repairs.filter(assignee=reader.pk if assignee == ME else assignee) if assignee else repairs


def _text(label: Any, rows: int, **options: Any) -> forms.CharField:
    widget = forms.Textarea({"rows": rows, "maxlength": LONGEST_TEXT})
    return forms.CharField(label=label, max_length=LONGEST_TEXT, strip=False, widget=widget, **options)


class _OfRepair(forms.ModelForm):
    """Fields of a repair; the row is made and judged by the service."""

    def _post_clean(self) -> None:
        """Leave the row alone."""


class ProblemForm(_OfRepair):
    """What somebody says is wrong with an item, with a picture if they have one."""

    severity = forms.ChoiceField(
        label=_("How bad is it?"),
        choices=[
            (Severity.UNSURE, _("I am not sure")),
            (Severity.DEGRADED, _("It works, but not as it should")),
            (Severity.DOWN, _("It must not be used")),
        ],
        initial=Severity.UNSURE,
        widget=forms.RadioSelect,
    )
    photo = forms.FileField(label=_("Photo"), required=False, allow_empty_file=True)

    class Meta:
        model = Repair
        fields = ("description", "severity", "is_safety_risk", "is_consumable")
        widgets = {"description": forms.Textarea({"rows": 5, "maxlength": LONGEST_TEXT})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["photo"].widget = file_input(PICTURES)


class NewRepairForm(_OfRepair):
    """A repair as a technician enters it."""

    assignee = forms.ChoiceField(label=_("Assignee"), required=False)

    class Meta:
        model = Repair
        fields = ("description", "severity", "assignee", "is_safety_risk", "is_consumable")
        widgets = {"description": forms.Textarea({"rows": 5, "maxlength": LONGEST_TEXT})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignee"].choices = [("", _("Nobody")), *workers()]  # type: ignore[attr-defined]
        self.fields["severity"].choices = [("", _("Not judged")), *Severity.choices]  # type: ignore[attr-defined]


class DayInput(forms.DateInput):
    """The browser's own field for a day."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class WorkForm(forms.Form):
    """Everything of a repair that is saved at once."""

    version = VersionField()
    status = forms.ChoiceField(label=pgettext_lazy("repair", "Status"), choices=Status)
    duplicate_of_id = forms.ChoiceField(
        label=_("Duplicate of"), required=False, help_text=_("The repair of the same item that goes on instead.")
    )
    severity = forms.ChoiceField(
        label=_("Severity"), required=False, choices=[("", _("Not judged")), *Severity.choices],
        help_text=_("Only “down” takes the item out of plans; anything else leaves it degraded."),
    )  # fmt: skip
    assignee_id = forms.ChoiceField(label=_("Assignee"), required=False)
    eta = forms.DateField(
        label=_("Expected to be done"), required=False, widget=DayInput,
        help_text=_("A day for people to plan by; the item is free when the repair is closed, not on this day."),
    )  # fmt: skip
    specialist_text = _text(_("For the specialist"), 2, required=False)
    note = _text(_("Note"), 3, required=False, help_text=_("It goes into the timeline, which nobody can change."))

    def __init__(self, repair: Repair, data: QueryDict | None = None) -> None:
        names = [name for name in self.base_fields if name != "note"]
        super().__init__(data, initial={name: getattr(repair, name) for name in names})
        self.fields["assignee_id"].choices = _people(repair)  # type: ignore[attr-defined]
        self.fields["duplicate_of_id"].choices = _targets(repair)  # type: ignore[attr-defined]

    @property
    def wanted(self) -> Mapping[str, Any]:
        """What the service is asked to write."""
        typed = dict(self.cleaned_data)
        typed["duplicate_of_id"] = key_in(typed["duplicate_of_id"]) or None
        typed["assignee_id"] = typed["assignee_id"] or None
        return typed


def _people(repair: Repair) -> list[tuple[str, Any]]:
    """Whoever has the repair stays a choice, whatever has become of their rights."""
    found = workers()
    if repair.assignee and str(repair.assignee_id) not in dict(found):
        found.append((str(repair.assignee_id), repair.assignee.name))
    return [("", _("Nobody")), *found]


def _targets(repair: Repair) -> list[tuple[str, Any]]:
    others = Repair.objects.of_item(repair.item_id).exclude(pk=repair.pk)
    found: list[Repair] = list(others[:_TARGETS])
    if repair.duplicate_of and repair.duplicate_of not in found:
        found.append(repair.duplicate_of)
    return [("", "—"), *_labelled(found)]


def _labelled(repairs: Iterable[Repair]) -> list[tuple[str, str]]:
    cut = {row.pk: Truncator(row.description).chars(_TARGET_LENGTH) for row in repairs}
    return [(str(row.pk), f"#{row.pk} – {row.get_status_display()}: {cut[row.pk]}") for row in repairs]
