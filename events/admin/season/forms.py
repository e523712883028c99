"""The forms of an import: what is read, what holds for all of it, and one row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from credentials.models import Qualification
from events.models import MasterEvent, SeasonImport
from events.season import (
    ADDRESS_LENGTH,
    EMAIL_LENGTH,
    MANAGED,
    MEDIC,
    NAME_LENGTH,
    NOVICE,
    Candidate,
    Candidates,
    Choice,
    Doubt,
    DoubtKind,
    EventCorrection,
    InvalidRows,
    Leader,
    PersonCorrection,
    Season,
    SheetEvent,
    SheetPerson,
    foreseen_qualifications,
    read_payload,
    read_season,
    time_of,
)
from medcover.common.errors import DomainError, UnreadableSource
from medcover.common.phones import MAX_LENGTH as PHONE_LENGTH


class SourceForm(forms.Form):
    """A planning sheet, or the same as text. Valid, it holds what was read as `season`."""

    file = forms.FileField(
        label=_("Planning sheet (XLSX)"),
        required=False,
        widget=forms.FileInput(
            attrs={"accept": ".xlsx,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
        ),
        help_text=_("Events are read from the sheet “Dozory”, people from the sheet “Lidi”."),
    )
    cut_off = forms.DateField(
        label=_("Only events from this day on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Empty = all. Holds for the sheet only."),
    )
    text = forms.CharField(
        label=_("JSON"),
        required=False,
        widget=AdminTextareaWidget(attrs={"rows": 8, "spellcheck": "false", "autocapitalize": "off"}),
        help_text=_("Version 1 (a list of events) or version 2 (an object with events and users)."),
    )

    season: Season
    #: Rows that are not valid, each with a reason.
    invalid_rows: Iterable[Doubt] = ()

    @property
    def source(self) -> str:
        """What the import is called."""
        file = self.cleaned_data.get("file")
        return file.name if file else "JSON"

    def clean(self) -> dict[str, Any]:
        """Read what was given; what cannot be read is an error of its field."""
        cleaned = super().clean() or {}
        if not self.errors:
            self._read("file" if cleaned.get("file") else "text", cleaned)
        return cleaned

    def _read(self, field: str, cleaned: dict[str, Any]) -> None:
        if not cleaned.get(field):
            self.add_error("file", _("Choose a file, or paste the JSON form."))
            return
        try:
            season = _read_file(cleaned) if field == "file" else read_payload(cleaned["text"])
        except UnreadableSource as refusal:
            self.invalid_rows = refusal.rows if isinstance(refusal, InvalidRows) else ()
            self.add_error(field, str(refusal))
            return
        self.season = season
        if not season.events and not season.people:
            self.invalid_rows = season.skipped
            self.add_error(field, _("There is nothing in it that could be imported."))


def _read_file(cleaned: dict[str, Any]) -> Season:
    return read_season(cleaned["file"], cut_off=cleaned.get("cut_off"))


class ChoicesForm(forms.Form):
    """What holds for all events of an import."""

    master = forms.ModelChoiceField(
        label=_("Master event"), queryset=MasterEvent.objects.not_archived(), empty_label=None
    )
    medic = forms.TypedChoiceField(
        label=format_lazy(_("Positions “{}” ask for"), MEDIC), required=False, empty_value=None
    )
    novice = forms.TypedChoiceField(
        label=format_lazy(_("Positions “{}” ask for"), NOVICE), required=False, empty_value=None
    )

    def __init__(self, data: Any = None, *, draft: SeasonImport) -> None:
        initial = {"master": draft.master_event_id, **{sort: draft.places[sort] or "" for sort in ("medic", "novice")}}
        super().__init__(data, initial=initial)
        living = list(Qualification.objects.living().order_by("name_sort").values_list("pk", "name"))
        managed = foreseen_qualifications()
        for sort, missing in (("medic", managed.medic), ("novice", managed.novice)):
            field: Any = self.fields[sort]
            field.coerce = _choice_of
            field.choices = [("", _("no qualification")), *_fresh(missing), *((str(pk), name) for pk, name in living)]
        for choice in self.fields.values():
            choice.widget.attrs["data-submits"] = ""


def _fresh(row: Qualification) -> list[tuple[str, str]]:
    """Offer the qualification that the import would create because it is missing."""
    return [] if row.pk else [(MANAGED, _("%s (will be created)") % row.name)]


def _choice_of(text: str) -> Choice:
    return MANAGED if text == MANAGED else int(text)


class ClockField(forms.Field):
    """A time of day, written in any of the ways that the sheet allows; empty is unknown."""

    def __init__(self, **options: Any) -> None:
        attrs = {"placeholder": "18:00", "size": 6, "autocomplete": "off"}
        super().__init__(required=False, widget=forms.TextInput(attrs=attrs), **options)

    def to_python(self, value: Any) -> Any:
        """Read the time; None when it is not known."""
        try:
            return time_of(value)
        except ValueError as error:
            raise ValidationError(DoubtKind.TIME_UNREADABLE.label % {"value": value}) from error

    def prepare_value(self, value: Any) -> Any:
        """Write a stored time to the minute."""
        return f"{value:%H:%M}" if isinstance(value, time) else value


class RowForm(forms.Form):
    """One row of an import. Ids carry its number, because several rows may be open on one page."""

    def __init__(self, data: Any, *, number: int, initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial, auto_id=f"row-{number}-%s")


class EventRowForm(RowForm):
    """What can be corrected about an event."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH)
    start_time = ClockField(label=_("Start"))
    end_time = ClockField(label=_("End"))
    location = forms.CharField(label=_("Address"), max_length=ADDRESS_LENGTH, required=False)
    responsible = forms.CharField(label=_("Responsible person"), max_length=NAME_LENGTH + EMAIL_LENGTH, required=False)
    master = forms.ModelChoiceField(
        label=_("Master event"),
        queryset=MasterEvent.objects.not_archived(),
        required=False,
        empty_label=_("— Default —"),
    )
    paid = forms.BooleanField(label=_("Paid event"), required=False)

    def __init__(self, data: Any, *, number: int, row: SheetEvent, candidates: Candidates, leaders_url: str) -> None:
        initial = {
            "name": row.name,
            "start_time": row.start_time,
            "end_time": row.end_time,
            "location": row.location,
            "responsible": row.responsible_person,
            "master": row.master,
            "paid": row.paid,
        }
        super().__init__(data, number=number, initial=initial)
        self._candidates = candidates
        self.leaders_id = f"row-{number}-leaders"
        self.fields["responsible"].widget.attrs |= {
            "list": self.leaders_id,
            "autocomplete": "off",
            "spellcheck": "false",
            "hx-get": leaders_url,
            "hx-trigger": "input changed delay:250ms",
            "hx-target": f"#{self.leaders_id}",
            "hx-swap": "innerHTML",
        }

    @property
    def plausible(self) -> list[Candidate]:
        """People of whom one may be meant by what the sheet says."""
        return self._candidates.plausible(self.initial["responsible"])

    def clean_responsible(self) -> Leader | None:
        """Return who is meant; None when the field is as it was."""
        if "responsible" not in self.changed_data:
            return None
        try:
            return self._candidates.whom(self.cleaned_data["responsible"])
        except DomainError as refusal:
            raise ValidationError(str(refusal)) from refusal

    def correction(self) -> EventCorrection:
        """Return what the service is asked for."""
        values = dict(self.cleaned_data)
        leader, master = values.pop("responsible"), values.pop("master")
        return EventCorrection(**values, leader=leader, master=master.pk if master else None)


class PersonRowForm(RowForm):
    """What can be corrected about a person who has no account yet."""

    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=NAME_LENGTH)
    email = forms.EmailField(label=_("E-mail"), max_length=EMAIL_LENGTH, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=PHONE_LENGTH, required=False)
    is_archived = forms.BooleanField(label=_("Archive: the person has left"), required=False)

    def __init__(self, data: Any, *, number: int, row: SheetPerson) -> None:
        initial = {"name": row.name, "email": row.email, "phone": row.phone, "is_archived": row.is_archived}
        super().__init__(data, number=number, initial=initial)

    def correction(self) -> PersonCorrection:
        """Return what the service is asked for."""
        return PersonCorrection(**self.cleaned_data)
