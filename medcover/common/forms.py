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


class VersionForm(forms.Form):
    """The form of a step that asks for nothing but the record it was offered for."""

    version = VersionField()
