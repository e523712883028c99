"""What the forms of the backoffice have in common."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from medcover.common.db import Versioned


class VersionedForm(forms.ModelForm):
    """The form of a record with a version: it carries the version that it was opened with.

    `refusal` is set by the admin when the service refused what this form asked for: the sentence is shown
    above the fields, and what was typed stays.
    """

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    refusal: str | Promise | None = None
    instance: Versioned

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = self.instance.version

    def clean(self) -> dict[str, Any]:
        """Raise StaleRecord, which ends the request, when the record is not what the form was made of."""
        cleaned = super().clean() or {}
        if self.refusal is not None:
            self.add_error(None, ValidationError(str(self.refusal)))
        elif self.instance.pk:
            self.instance.expect_version(cleaned.get("version") or 0)
        return cleaned


class LocalDateTimeInput(forms.DateTimeInput):
    """The browser's own control for date and time, to the minute, in the site's zone.

    A script adds the button that fills in the present moment.
    """

    def __init__(self) -> None:
        super().__init__(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None) -> dict[str, Any]:
        """Tell the script which clock to read and how its button is called."""
        zone, label = timezone.get_current_timezone_name(), str(_("Now"))
        return {**super().build_attrs(base_attrs, extra_attrs), "data-zone": zone, "data-now": label}


class LocalDateTimeField(forms.DateTimeField):
    """A moment typed to the minute; seconds that the stored one may have are not a change."""

    widget = LocalDateTimeInput

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare by the minute."""
        if isinstance(initial, datetime):
            initial = initial.replace(second=0, microsecond=0)
        return super().has_changed(initial, data)
