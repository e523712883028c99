"""Base form, fields and widgets of the backoffice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.exceptions import ValidationError
from django.utils.functional import Promise

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


class LocalDateTimeField(forms.SplitDateTimeField):
    """A moment typed as day and time, to the minute, in the site's zone; seconds of a stored one are no change."""

    widget = AdminSplitDateTime

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare by the minute."""
        if isinstance(initial, datetime):
            initial = initial.replace(second=0, microsecond=0)
        return super().has_changed(initial, data)


def only_chosen(field: Any, *, may_add: bool = False) -> None:
    """Take away the admin's icons beside a select of rows; adding one on the way may stay."""
    field.widget.can_change_related = field.widget.can_view_related = False
    field.widget.can_add_related = may_add and getattr(field.widget, "can_add_related", False)
