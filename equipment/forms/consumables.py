"""Forms of the pages of consumables: what the list shows, and what comes to stock and leaves it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import F, Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from equipment import page_querysets
from equipment.consumables.rules import MOST
from equipment.consumables.states import soon
from equipment.forms.listing import OptionalRow
from equipment.models import Consumable, Lot, StorageLocation
from equipment.services.lots import Delivery
from medcover.common.forms import KnownChoice, VersionField

#: What is asked of the stock of a kind.
STATES = (
    ("", _("All")),
    ("attention", _("Needs attention")),
    ("low", _("Below the minimum")),
    ("none", _("None left")),
    ("expiring", _("Expiring soon")),
    ("expired", _("Expired")),
)

#: So many different things are recorded in one go at the most; the form begins with a few lines.
MOST_LINES, FIRST_LINES, MORE_LINES = 40, 4, 4


class DayInput(forms.DateInput):
    """The browser's own field for a day."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ConsumableFilter(forms.Form):
    """What the reader wants to see of the stock. Whatever it does not know it ignores."""

    q = forms.CharField(label=_("Name or lot number"), required=False, max_length=255)
    location = OptionalRow(
        label=_("Storage location"),
        required=False,
        queryset=StorageLocation.objects.in_use(),
        rows=page_querysets.locations_offered,
        empty_label=_("All locations"),
    )
    state = KnownChoice(label=_("State"), required=False, initial="", choices=STATES)

    def __init__(self, params: QueryDict) -> None:
        super().__init__(data=params)
        self.is_valid()

    @property
    def is_narrowing(self) -> bool:
        """Something was asked for."""
        return any(self.cleaned_data.get(name) for name in ("q", "location", "state"))

    def found(self, today: date) -> Any:
        """Return the kinds that match, without those in the archive."""
        asked = self.cleaned_data
        kinds = Consumable.objects.in_use().matching(asked.get("q", ""))
        if asked["location"]:
            kinds = kinds.at(asked["location"])
        return _in_state(kinds, asked["state"], today)


def _in_state(kinds: Any, state: str, today: date) -> Any:
    narrowed = {
        "attention": lambda: kinds.needing_attention(today, soon(today)),
        "low": lambda: kinds.with_stock(today).filter(stock__lt=F("minimum")),
        "none": lambda: kinds.used_up(today),
        "expiring": lambda: kinds.expiring(today, soon(today)),
        "expired": lambda: kinds.with_expired(today),
    }
    return narrowed[state]() if state in narrowed else kinds


class ConsumableForm(forms.ModelForm):
    """A kind."""

    version = VersionField()

    class Meta:
        model = Consumable
        fields = ("name", "unit", "minimum", "location", "description")
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = self.instance.version
        _offer_locations(self.fields["location"], self.instance.location_id)


def _offer_locations(field: Any, chosen: Any = None) -> None:
    field.queryset = StorageLocation.objects.filter(Q(is_archived=False) | Q(pk=chosen))


class StepForm(forms.Form):
    """Base of the forms that change the stock of a kind; the version is that of the kind."""

    version = VersionField()
    note = forms.CharField(label=_("Note"), required=False, max_length=500)

    field_order: Sequence[str] = ("version",)


def pieces_field(**kwargs: Any) -> forms.IntegerField:
    """Return the field of a number of pieces; a phone shows digits for it."""
    least = kwargs.pop("min_value", 1)
    field = forms.IntegerField(label=_("Quantity"), min_value=least, max_value=MOST, **kwargs)
    field.widget.attrs |= {"inputmode": "numeric"}
    return field


class ReceiveForm(StepForm):
    """A delivery."""

    quantity = pieces_field()
    number = forms.CharField(label=_("Lot number"), required=False, max_length=100)
    expires_on = forms.DateField(
        label=_("Expires on"), required=False, widget=DayInput, help_text=_("Empty = it does not expire.")
    )
    location = forms.ModelChoiceField(
        label=_("Storage location"), required=False, queryset=StorageLocation.objects.in_use()
    )
    received_on = forms.DateField(
        label=_("Received on"), required=False, widget=DayInput, help_text=_("Empty = today.")
    )

    field_order = ("version", "quantity", "number", "expires_on", "location", "received_on", "note")

    @property
    def delivery(self) -> Delivery:
        """What was typed."""
        names = ("quantity", "number", "expires_on", "received_on", "note")
        return Delivery(**{name: self.cleaned_data[name] for name in names})


class UseForm(StepForm):
    """Pieces of a kind that are used for no event; without a lot, what expires first."""

    quantity = pieces_field()
    lot = forms.ModelChoiceField(
        label=_("Lot"),
        required=False,
        queryset=Lot.objects.none(),
        empty_label=_("Whatever expires first"),
    )

    field_order = ("version", "quantity", "lot", "note")

    def __init__(self, *args: Any, lots: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["lot"]
        field.queryset, field.label_from_instance = lots, lot_with_stock


def lot_with_stock(lot: Lot) -> str:
    """Write a lot with where it lies and how much of it there is; its kind and location come with it."""
    where = f"{lot.location}: " if lot.location else ""
    return f"{where}{lot.label} ({lot.quantity} {lot.consumable.unit})"


class DisposeForm(StepForm):
    """Pieces of a lot that are thrown away."""

    quantity = pieces_field()

    field_order = ("version", "quantity", "note")


class MoveForm(StepForm):
    """Pieces of a lot that go to another location."""

    location = forms.ModelChoiceField(label=_("Where to"), queryset=StorageLocation.objects.in_use())
    quantity = pieces_field()

    field_order = ("version", "location", "quantity", "note")

    def __init__(self, *args: Any, lot: Lot, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["location"]
        field.queryset = field.queryset.exclude(pk=lot.location_id)


class LotForm(forms.Form):
    """What stands on the package of a lot."""

    version = VersionField()
    number = forms.CharField(label=_("Lot number"), required=False, max_length=100)
    expires_on = forms.DateField(
        label=_("Expires on"), required=False, widget=DayInput, help_text=_("Empty = it does not expire.")
    )


class CountForm(StepForm):
    """What was found of each lot of a kind; an empty field is a lot that was not counted."""

    def __init__(self, *args: Any, lots: Iterable[Lot], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lots = list(lots)
        for lot in self.lots:
            self.fields[_field_of(lot)] = pieces_field(required=False, min_value=0)
        self.order_fields([*map(_field_of, self.lots), "version", "note"])

    def rows(self) -> Iterator[tuple[Lot, Any]]:
        """Yield each lot with its field."""
        for lot in self.lots:
            yield lot, self[_field_of(lot)]

    @property
    def counted(self) -> dict[int, int]:
        """Pieces found by key of the lot."""
        found = {lot.pk: self.cleaned_data[_field_of(lot)] for lot in self.lots}
        return {key: number for key, number in found.items() if number is not None}


def _field_of(lot: Lot) -> str:
    return f"lot-{lot.pk}"


class UsedLine(forms.Form):
    """One thing that was used on an event; a line without a kind and a number is none."""

    consumable = forms.TypedChoiceField(
        label=_("Consumable"),
        required=False,
        coerce=int,
        empty_value=None,
        widget=forms.Select({"class": "form-select"}),
    )
    quantity = pieces_field(required=False)

    def __init__(self, *args: Any, kinds: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["consumable"].choices = kinds  # type: ignore[attr-defined]
        self.fields["quantity"].widget.attrs |= {"class": "form-control"}

    def clean(self) -> dict[str, Any]:
        """Refuse half a line."""
        cleaned = super().clean() or {}
        kind, quantity = cleaned.get("consumable"), cleaned.get("quantity")
        if not self.errors and (kind is None) != (quantity is None):
            self.add_error("quantity", _("Choose what it was and how much of it."))
        return cleaned


class UsedLines(forms.BaseFormSet):
    """Everything that was used on an event."""

    def pairs(self) -> list[tuple[int, int]]:
        """Return kind and pieces of each line that says something."""
        return [
            (line["consumable"], line["quantity"]) for line in self.cleaned_data if line.get("consumable") is not None
        ]


def used_lines(data: Any, kinds: list[tuple[Any, str]], lines: int = FIRST_LINES) -> Any:
    """Return the lines as they were sent, or so many empty ones; `kinds` are offered in each."""
    made = forms.formset_factory(
        UsedLine, formset=UsedLines, extra=lines, max_num=MOST_LINES, absolute_max=MOST_LINES, validate_max=True
    )
    return made(data, prefix="used", form_kwargs={"kinds": kinds})


def with_more_lines(data: QueryDict) -> QueryDict:
    """Return what was sent with some more empty lines."""
    changed = data.copy()
    total = data.get("used-TOTAL_FORMS", "")
    known = int(total) if total.isascii() and total.isdigit() and len(total) < 4 else FIRST_LINES
    changed["used-TOTAL_FORMS"] = str(min(known + MORE_LINES, MOST_LINES))
    return changed
