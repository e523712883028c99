"""Forms that ask what a report is about."""

from __future__ import annotations

import re
from datetime import date
from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from events.models import Event, MasterEvent
from reports.work_report.rules import last_whole_month, months_on_offer

_MONTH = re.compile(r"(\d{1,4})-(\d{1,4})", re.ASCII)


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


class MonthField(forms.CharField):
    """A month, as year and number; which months there are reports for is decided by the service."""

    default_error_messages = {"unreadable": _("Choose a month from the list.")}

    def clean(self, value: Any) -> tuple[int, int]:
        """Return year and month. Raises ValidationError for anything that is not two numbers."""
        found = _MONTH.fullmatch(str(value or ""))
        if found is None:
            raise ValidationError(self.error_messages["unreadable"], code="unreadable")
        return int(found[1]), int(found[2])


class WorkReportForm(forms.Form):
    """„Vygenerovat nový výkaz“: the months that have begun, by years, the last whole one chosen."""

    month = MonthField(label=_("Month"), widget=forms.Select)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        months = groupby(months_on_offer(today), key=lambda month: month.year)
        self.fields["month"].widget.choices = [
            (str(year), [(f"{month:%Y-%m}", month_in_words(month)) for month in of_year]) for year, of_year in months
        ]
        self.initial["month"] = f"{last_whole_month(today):%Y-%m}"


def month_in_words(month: date) -> str:
    """Write a month by its first day: "Květen 2027"."""
    return capfirst(date_format(month, "F Y"))
