"""Forms of labels: one label, and sheets of many."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from equipment.labels.options import Content, Network, Options
from equipment.labels.sheets import MOST_OFFSET_MM, Layout
from equipment.labels.sizes import DEFAULT_DEVICE, DEFAULT_SIZE, Device, Size
from equipment.labels.template import Template
from equipment.models import EquipmentItem
from medcover.common.text import key_in
from medcover.system.models import WifiInfo

#: So many labels are made at once; more would keep the others waiting.
MOST_LABELS = 300


class ShownForm(forms.Form):
    """What stands beside the code."""

    #: Knows everything that could ever be chosen, and offers what the settings allow.
    wifi = forms.ChoiceField(label=gettext_lazy("Wi-Fi"), choices=WifiInfo.choices, required=False)
    name = forms.BooleanField(label=gettext_lazy("Name of the item"), required=False)
    url = forms.BooleanField(label=gettext_lazy("Address as text"), required=False)

    #: What was asked for and cannot be shown any more.
    lowered = False

    def __init__(self, data: Any, *, network: Network) -> None:
        super().__init__(data)
        self.network = network
        self.fields["wifi"].widget.choices = [(info.value, info.label) for info in network.offered]

    def clean_wifi(self) -> WifiInfo:
        """Return what can be shown of what was asked for."""
        wanted = WifiInfo(self.cleaned_data["wifi"] or WifiInfo.NONE)
        found = self.network.lowered(wanted)
        self.lowered = found is not wanted
        return found

    def content(self, item: EquipmentItem, address: str) -> Content:
        """Return what stands on the label of an item."""
        asked = self.cleaned_data
        return Content(
            address,
            name=item.name if asked["name"] else "",
            url=address if asked.get("url") else "",
            wifi=self.network.lines(asked["wifi"]) if asked.get("wifi") else (),
        )


class LabelForm(ShownForm):
    """One label. An address without a size is that of a form that has not been filled in: it has the defaults."""

    size = forms.ChoiceField(label=gettext_lazy("Size"), choices=[(size.value, size.label) for size in Size])
    device = forms.ChoiceField(
        label=gettext_lazy("Printer"), choices=[(device.value, device.label) for device in Device]
    )

    field_order = ("size", "device", "wifi", "name", "url")

    def __init__(self, params: QueryDict, *, network: Network, wifi: str, template: Template | None) -> None:
        super().__init__(_with_defaults(params, wifi, named=template is not None), network=network)
        self.fields["size"].help_text = _("The picture has the size of the paper; print it without scaling.")
        if template is not None:
            del self.fields["wifi"]
            if template.url is None:
                del self.fields["url"]

    def options(self) -> Options:
        """Return what was chosen; only of a valid form."""
        asked = self.cleaned_data
        return Options(
            Size(asked["size"]),
            Device(asked["device"]),
            asked.get("wifi") or WifiInfo.NONE,
            asked["name"],
            asked.get("url", False),
        )

    def query(self) -> str:
        """Return the choice as parameters of an address; only of a valid form."""
        chosen = {name: str(value) for name, value in self.cleaned_data.items() if value is not True and value}
        ticked = {name: "on" for name, value in self.cleaned_data.items() if value is True}
        return urlencode(chosen | ticked)


def _with_defaults(params: QueryDict, wifi: str, *, named: bool) -> QueryDict:
    """Return the parameters, with the defaults for what a form would send in any case."""
    filled = params.copy()
    if "size" not in params and named:
        filled.setdefault("name", "on")
    for name, value in (("size", DEFAULT_SIZE), ("device", DEFAULT_DEVICE), ("wifi", wifi)):
        filled.setdefault(name, str(value))
    return filled


class SheetForm(ShownForm):
    """Sheets of labels of several items."""

    layout = forms.ChoiceField(label=gettext_lazy("Sheet"), choices=[(layout.value, layout.label) for layout in Layout])
    start = forms.IntegerField(
        label=gettext_lazy("Begin at label"),
        min_value=1,
        initial=1,
        help_text=gettext_lazy("Counted row by row; for a sheet of which some labels are gone."),
    )
    offset_x = forms.DecimalField(
        label=gettext_lazy("Shift to the right (mm)"),
        initial=0,
        required=False,
        decimal_places=1,
        max_digits=4,
        validators=[MinValueValidator(-MOST_OFFSET_MM), MaxValueValidator(MOST_OFFSET_MM)],
        help_text=gettext_lazy("For a printer that misses the labels; a negative number shifts to the left."),
    )
    offset_y = forms.DecimalField(
        label=gettext_lazy("Shift down (mm)"),
        initial=0,
        required=False,
        decimal_places=1,
        max_digits=4,
        validators=[MinValueValidator(-MOST_OFFSET_MM), MaxValueValidator(MOST_OFFSET_MM)],
    )

    field_order = ("layout", "start", "wifi", "name", "url", "offset_x", "offset_y")

    def __init__(self, data: QueryDict | None, *, network: Network, wifi: str) -> None:
        super().__init__(data, network=network)
        self.initial = {"name": True, "wifi": network.lowered(WifiInfo(wifi))}

    def clean(self) -> dict[str, Any]:
        """Refuse a label that the sheet does not have."""
        asked = super().clean() or self.cleaned_data
        layout, start = asked.get("layout"), asked.get("start")
        if layout and start and start > Layout(layout).sheet.count:
            self.add_error("start", _("This sheet has only %d labels.") % Layout(layout).sheet.count)
        return asked

    def offset(self) -> tuple[float, float]:
        """Return by how many millimetres everything is shifted; only of a valid form."""
        return float(self.cleaned_data["offset_x"] or 0), float(self.cleaned_data["offset_y"] or 0)


def keys_in(text: str) -> list[int]:
    """Return the keys of items in a text with commas, each once, as many as one run makes at the most."""
    found = (key_in(part) for part in text.split(","))
    return list(dict.fromkeys(key for key in found if key))[:MOST_LABELS]
