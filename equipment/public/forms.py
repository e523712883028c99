"""Forms of the public pages: the search on the board, and the report of a problem with its traps for machines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core import signing
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from equipment.forms.item import PICTURES, file_input
from equipment.forms.repairs import ProblemForm
from equipment.models import Repair, StorageLocation
from equipment.services.repairs.opening import Problem, Stranger
from medcover.common.czech import fold
from medcover.common.forms import KnownChoice
from medcover.common.text import tidy, words_to_find

#: What belongs to no location, among the choices.
NOWHERE = "none"
#: Nobody fills the form in faster; and so long a page may lie open.
FASTEST, LONGEST = timedelta(seconds=3), timedelta(hours=12)

_signer = signing.Signer(salt="equipment.public.begun")


class BoardFilter(forms.Form):
    """What of the board somebody is looking for. Whatever it does not know it ignores."""

    q = forms.CharField(label=_("Name of the item"), required=False, max_length=255)
    location = KnownChoice(label=_("Storage location"), required=False)

    def __init__(self, params: QueryDict, locations: Iterable[StorageLocation]) -> None:
        super().__init__(params)
        named = [(str(place.pk), place.name) for place in locations]
        choices = [("", _("All locations")), *named, (NOWHERE, _("Without a location"))]
        self.fields["location"].choices = choices  # type: ignore[attr-defined]
        self.is_valid()

    @property
    def is_narrowing(self) -> bool:
        """Something was asked for."""
        return bool(self.cleaned_data.get("q") or self.cleaned_data["location"])

    def found(self, items: Any) -> Any:
        """Return those that match. Searched are names alone: other columns must not be guessed by what is found."""
        for word in words_to_find(fold(self.cleaned_data.get("q", ""))):
            items = items.filter(name_search__contains=word)
        place = self.cleaned_data["location"]
        if place == NOWHERE:
            return items.filter(location__isnull=True)
        return items.filter(location=place) if place else items


def begun(code: str, at: datetime) -> str:
    """Return what a form carries so that it is known when it was opened, and for which item."""
    return _signer.sign(f"{code}:{int(at.timestamp())}")


def seconds_since(stamp: str, code: str, at: datetime) -> float | None:
    """Return how long ago the form was opened; None when the stamp is damaged, or one of another item."""
    try:
        stamped, _colon, moment = _signer.unsign(stamp).rpartition(":")
        return at.timestamp() - int(moment) if stamped == code else None
    except (signing.BadSignature, ValueError):
        return None


class ReportForm(ProblemForm):
    """What somebody without an account says is wrong with an item."""

    name = forms.CharField(label=_("Your name"), max_length=200)
    email = forms.EmailField(
        label=_("Your e-mail"),
        required=False,
        max_length=255,
        help_text=_("Only if we may ask you. Whoever repairs it sees it, nobody else."),
    )
    #: Nobody sees it; what fills it in is a machine.
    website = forms.CharField(label=_("Leave this empty"), required=False)
    begun = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta(ProblemForm.Meta):
        model = Repair
        help_texts = {
            "description": _("Everybody can read this: please write no names and no telephone numbers."),
            "is_safety_risk": _("Using it could hurt somebody. Nobody may take it until it has been looked at."),
        }

    def __init__(self, *args: Any, code: str, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._code, self._at = code, at
        self.initial.setdefault("begun", begun(code, at))
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["email"].widget.attrs["autocomplete"] = "email"
        self.fields["website"].widget.attrs.update(autocomplete="off", tabindex="-1")
        photo = file_input(PICTURES)
        photo.attrs["capture"] = "environment"
        self.fields["photo"].widget = photo

    def clean_name(self) -> str:
        """Refuse a name that shows nothing."""
        name = tidy(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError(_("Write your name."))
        return name

    def clean(self) -> dict[str, Any]:
        """Refuse what only a machine sends, with a sentence, in case it was somebody after all."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        if typed.get("website"):
            raise forms.ValidationError(_("This looks as if a machine had filled it in. Please send it once more."))
        since = seconds_since(typed.get("begun", ""), self._code, self._at)
        if since is None or since > LONGEST.total_seconds():
            raise forms.ValidationError(_("The page had been open for too long. Please send the report once more."))
        if since < FASTEST.total_seconds():
            raise forms.ValidationError(_("That was very fast. Please wait a moment and send it once more."))
        return typed

    def ask_again(self) -> None:
        """Make the form ready to be sent once more: the trap empty, and the time counted from now if it was over."""
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data["website"] = ""
        since = seconds_since(str(data.get("begun", "")), self._code, self._at)
        if since is None or since > LONGEST.total_seconds():
            data["begun"] = begun(self._code, self._at)
        self.data = data

    @property
    def problem(self) -> Problem:
        """What is wrong, as the service wants it."""
        names = ("description", "severity", "is_safety_risk", "is_consumable")
        return Problem(**{name: self.cleaned_data[name] for name in names})

    @property
    def stranger(self) -> Stranger:
        """Who says so."""
        return Stranger(self.cleaned_data["name"], self.cleaned_data["email"])
