"""Forms that ask what a report is about."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from events.models import Event, MasterEvent
from medcover.common.forms import DayInput, KnownChoice
from reports.selection import Period
from reports.statistics.equipment import USES
from reports.statistics.people import Standing
from reports.work_report.rules import last_whole_month, months_on_offer

_MONTH = re.compile(r"(\d{1,4})-(\d{1,4})", re.ASCII)


#: Days before and after cannot be meant, and the edges of the calendar cannot be reckoned with.
_FIRST_YEAR, _LAST_YEAR = 1900, 2999
_INVALID_DAY = {"invalid": _("Invalid date. Write it as year, month and day, or choose it in the calendar.")}
_ORDER = _("The beginning of the period must be before its end.")


class DayField(forms.DateField):
    """A local day."""

    widget = DayInput
    default_error_messages = {"invalid": _("Invalid date format.")}

    def to_python(self, value: Any) -> date | None:
        """Return the day. Raises ValidationError for what is none, or is far away from any event."""
        day: date | None = super().to_python(value)
        if day is not None and not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class PeriodForm(forms.Form):
    """Days from and to, each alone allowed."""

    since = DayField(label=_("From date"), required=False)
    until = DayField(label=_("To date"), required=False)

    def clean(self) -> dict[str, Any]:
        """The days in their order."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            self.add_error("until", _ORDER)
        return data

    @property
    def period(self) -> Period:
        """What was asked for; only of a valid form."""
        return Period(self.cleaned_data["since"], self.cleaned_data["until"])


class WholePeriodForm(PeriodForm):
    """Days from and to, both needed."""

    since = DayField(label=_("From date"))
    until = DayField(label=_("To date"))


class PrintoutForm(forms.Form):
    """Days, a master event, or both; at least one of them."""

    first = DayField(label=_("From"), required=False, error_messages=_INVALID_DAY)
    last = DayField(label=_("To"), required=False, error_messages=_INVALID_DAY)
    master = forms.ModelChoiceField(
        label=_("Master event"), queryset=MasterEvent.objects.none(), required=False, empty_label=_("All master events")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["master"].queryset = MasterEvent.objects.not_archived()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The days in their order, and something to choose by."""
        data: dict[str, Any] = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if first and last and last < first:
            self.add_error("last", _ORDER)
        if not self.errors and not (first or last or data.get("master")):
            raise ValidationError(_("Fill in at least one day, or choose a master event."))
        return data

    @property
    def period(self) -> Period:
        """The days; only of a valid form."""
        return Period(self.cleaned_data["first"], self.cleaned_data["last"])

    def found(self, reader: Any) -> Any:
        """Return the events to print."""
        data = self.cleaned_data
        events = Event.objects.visible_to(reader).filter(self.period.starts())
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


class YearForm(forms.Form):
    """A year that there are events in; without one, or with one that there is not, this year."""

    year = KnownChoice(label=_("Year"), required=False)

    def __init__(self, params: Any, *, years: Iterable[int], this_year: int) -> None:
        super().__init__(params)
        field: Any = self.fields["year"]
        field.choices, field.initial = [(str(year), str(year)) for year in years], str(this_year)
        self.is_valid()

    @property
    def chosen(self) -> int:
        """The year."""
        return int(self.cleaned_data["year"])


class RowsForm(YearForm):
    """Which rows of a year: of one month, one type of event, or one sort. What it does not know it leaves out."""

    month = KnownChoice(required=False, choices=[(str(month), "") for month in range(1, 13)])
    kind = KnownChoice(required=False, choices=Event.Kind.choices)
    what = KnownChoice(required=False, choices=[("cancelled", ""), ("short", ""), ("left", "")])
    standing = KnownChoice(required=False, choices=Standing.choices, initial=Standing.KEPT)
    use = KnownChoice(required=False, choices=[(code, "") for code in USES], initial="packed")
    type = forms.IntegerField(required=False, min_value=1, max_value=2**31)
