"""Form by which a type is planned on the page of an event."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from equipment.models import EquipmentType
from equipment.models.plans import MAX_QUANTITY


class PlannedTypeForm(forms.Form):
    """A type and how many of it."""

    type = forms.ModelChoiceField(label=_("Type"), queryset=EquipmentType.objects.all())
    quantity = forms.IntegerField(label=_("Quantity"), min_value=1, max_value=MAX_QUANTITY)
