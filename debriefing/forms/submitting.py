"""The form of a debriefing: it reads what was typed; what is right is decided by the rules, in the service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from debriefing import policies, rules
from debriefing.forms.wanting import WantedRows
from debriefing.rules import Actual, LeaderPart, NoteStatus, OwnTime
from debriefing.services.submitting import Entry
from debriefing.services.wanting import names_of_stock
from events.models import Event
from medcover.common.forms import MomentInput

#: The list of names that the page offers for material.
_FROM_STOCK = {"list": "stock-names", "autocomplete": "off"}

_PROMPTS = {
    "feedback_event": _("How the event went"),
    "feedback_customer": _("The customer or organiser"),
    "feedback_colleagues": _("Colleagues"),
}


class NoteField(forms.TypedChoiceField):
    """One of the three answers; whatever else is sent is no answer."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Was anything unusual?"),
            choices=[(int(status), status.label) for status in rules.CHOOSABLE],
            coerce=int,
            widget=forms.RadioSelect,
            error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose one of the answers.")),
        )


class DebriefingForm(forms.Form):
    """What everybody is asked, and of the responsible person how the event really was."""

    note_status = NoteField()
    own_start = forms.DateTimeField(label=_("There from"), required=False, widget=MomentInput)
    own_end = forms.DateTimeField(label=_("There until"), required=False, widget=MomentInput)
    own_hours = forms.DecimalField(
        label=_("Or the number of hours"), required=False, max_digits=4, decimal_places=1, localize=True,
        widget=forms.TextInput({"inputmode": "decimal", "maxlength": 6}),
    )  # fmt: skip

    def __init__(self, *args: Any, event: Event, part: LeaderPart | None, reader: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.part = part
        self.wanted = WantedRows(self, reader)
        self.stock = list(names_of_stock()) if policies.may_see_stock(reader) else ()
        for name, label in _PROMPTS.items():
            self.fields[name] = forms.CharField(
                label=label, required=False, max_length=rules.TEXT_LIMIT, widget=forms.Textarea({"rows": 4})
            )
        for number in range(rules.MATERIAL_ROWS):
            self.fields[f"material_{number}"] = forms.CharField(
                label=_("Material"), required=False, max_length=120, widget=forms.TextInput(_FROM_STOCK)
            )
            self.fields[f"quantity_{number}"] = _count(_("Quantity"), rules.MOST_OF_MATERIAL, least=1)
        if part is not None:
            self._ask_leader(event, part)

    def _ask_leader(self, event: Event, part: LeaderPart) -> None:
        """Ask how the event was, beginning with what is known or was planned."""
        times = (("actual_start", _("Real start of the event"), event.actual_start or event.start),
                 ("actual_end", _("Real end of the event"), event.actual_end or event.end))  # fmt: skip
        for name, label, known in times:
            self.fields[name] = forms.DateTimeField(label=label, required=False, widget=MomentInput, initial=known)
        zero = 0 if part.is_required else None
        known_count = event.post_event_count
        count = _count(part.count_label, rules.MOST_PEOPLE, least=0, refusal=part.count_refusal)
        count.initial = zero if known_count is None else known_count
        self.fields["post_event_count"] = count

    def clean(self) -> dict[str, Any]:
        """Let every row of material have both its name and its quantity."""
        typed = super().clean() or {}
        for number in range(rules.MATERIAL_ROWS):
            self._clean_row(number, typed)
        self.wanted.clean(typed)
        return typed

    def _clean_row(self, number: int, typed: dict[str, Any]) -> None:
        name, count = f"material_{number}", f"quantity_{number}"
        if typed.get(name) and typed.get(count) is None and count not in self.errors:
            self.add_error(count, _("How many?"))
        if typed.get(count) is not None and not typed.get(name) and name not in self.errors:
            self.add_error(name, _("What was it?"))

    def entry(self) -> Entry:
        """Return what was typed, as the service takes it."""
        typed = self.cleaned_data
        return Entry(
            note_status=typed["note_status"],
            texts={name: typed[name] for name in rules.TEXTS},
            own=OwnTime(typed["own_start"], typed["own_end"], typed["own_hours"]),
            material=[(name, count) for name, count in self._material(typed) if name],
            wanted=list(self.wanted.chosen(typed)),
            actual=Actual(typed.get("actual_start"), typed.get("actual_end"), typed.get("post_event_count")),
        )

    @staticmethod
    def _material(typed: dict[str, Any]) -> Iterator[tuple[str, int]]:
        for number in range(rules.MATERIAL_ROWS):
            yield typed[f"material_{number}"], typed[f"quantity_{number}"]

    def show(self, faults: dict[str, list[Any]]) -> None:
        """Show what the service found wrong beside the fields it is about."""
        for name, sentences in faults.items():
            self.add_error(name if name in self.fields else None, sentences)

    # --- parts, as the page shows them -------------------------------------------------------------------------

    @property
    def texts(self) -> list[forms.BoundField]:
        """The confidential texts."""
        return [self[name] for name in rules.TEXTS]

    @property
    def material(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The rows of material that are shown at once."""
        return self._rows(range(3))

    @property
    def more_material(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The rows of material that are shown on demand."""
        return self._rows(range(3, rules.MATERIAL_ROWS))

    @property
    def has_more(self) -> bool:
        """Something was typed into the rows that are shown on demand."""
        return any(name.value() or count.value() for name, count in self.more_material)

    @property
    def is_partial(self) -> bool:
        """Something was said about the own time."""
        return any(self[name].value() for name in ("own_start", "own_end", "own_hours"))

    @property
    def times(self) -> list[forms.BoundField]:
        """How the event really was; empty for whoever is not asked."""
        return [self[name] for name in ("actual_start", "actual_end") if name in self.fields]

    def _rows(self, numbers: range) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"material_{number}"], self[f"quantity_{number}"]) for number in numbers]

    @property
    def described(self) -> int:
        """The answer that opens the texts."""
        return int(NoteStatus.DESCRIBED)


def _count(label: Any, most: int, *, least: int, refusal: Any = None) -> forms.IntegerField:
    codes = ("invalid", "min_value", "max_value")
    words = dict.fromkeys(codes, refusal or _("Write a whole number from 1 to 999."))
    return forms.IntegerField(
        label=label, required=False, min_value=least, max_value=most, error_messages=words,
        widget=forms.NumberInput({"inputmode": "numeric"}),
    )  # fmt: skip
