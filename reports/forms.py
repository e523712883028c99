"""Forms that ask what a report is about."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from events.models import Event, MasterEvent


class DateInput(forms.DateInput):
    """The browser's own field for days."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class PrintoutForm(forms.Form):
    """The days, and on request one master event."""

    first = forms.DateField(label=_("From"), widget=DateInput())
    last = forms.DateField(label=_("To"), widget=DateInput())
    master = forms.ModelChoiceField(
        label=_("Master event"), queryset=MasterEvent.objects.none(), required=False, empty_label=_("All master events")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["master"].queryset = MasterEvent.objects.not_archived()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The days in their order."""
        data: dict[str, Any] = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day must not be before the first."))
        return data

    def found(self, reader: Any) -> Any:
        """Return the events to print."""
        data = self.cleaned_data
        events = Event.objects.visible_to(reader).starting_on(data["first"], data["last"])
        return events.filter(master_event=data["master"]) if data["master"] else events
