"""Forms of packing for an event."""

from __future__ import annotations

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from equipment import page_querysets
from equipment.forms.listing import OptionalRow
from equipment.models import EquipmentType, PackedItem
from medcover.common.forms import KnownChoice

PACK, BACK = "pack", "back"


class PackingView(forms.Form):
    """What the reader wants to do, and a type to be offered besides those that are planned."""

    mode = KnownChoice(required=False, initial="", choices=[(PACK, PACK), (BACK, BACK)])
    type = OptionalRow(
        label=_("Type that is not planned"),
        required=False,
        queryset=EquipmentType.objects.all(),
        rows=page_querysets.types_offered,
        empty_label=_("Choose a type"),
    )

    def __init__(self, params: QueryDict) -> None:
        super().__init__(data=params)
        self.is_valid()


class ReturnForm(forms.Form):
    """How an item has come back."""

    outcome = forms.ChoiceField(
        label=_("How has it come back?"), choices=PackedItem.Outcome.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("What is wrong"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Whoever repairs it will read it."),
    )
