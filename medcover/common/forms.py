"""Form fields that several apps need."""

from __future__ import annotations

from typing import Any

from django import forms

#: Rows are counted from 1, so this is the version of none.
NO_VERSION = 0


class VersionField(forms.IntegerField):
    """The version of the record with which a form was opened; hidden.

    Missing or damaged it counts as a version that no record has, so the form is stale rather than invalid.
    """

    widget = forms.HiddenInput

    def clean(self, value: Any) -> int:
        """Return the version, NO_VERSION when there is none."""
        try:
            return int(value)
        except (TypeError, ValueError):
            return NO_VERSION


class DayInput(forms.DateInput):
    """The browser's own field for a day."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class MomentInput(forms.DateTimeInput):
    """The browser's own field for a day and a time, to the minute."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class KnownChoices(forms.MultipleChoiceField):
    """Keeps the values it knows and drops the others without a word."""

    def clean(self, value: Any) -> list[str]:
        """Return the known ones among the values."""
        return [choice for choice in self.to_python(value) if self.valid_value(choice)]


class KnownChoice(forms.ChoiceField):
    """Reads a value it does not know as the initial one."""

    def clean(self, value: Any) -> str:
        """Return the value, or the initial one in its place."""
        return value if value and self.valid_value(value) else str(self.initial or "")


class VersionForm(forms.Form):
    """The form of a step that asks for nothing but the record it was offered for."""

    version = VersionField()
