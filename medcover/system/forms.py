"""The form of feedback."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from medcover.system.feedback_services import LONGEST_MESSAGE


class FeedbackForm(forms.Form):
    """What somebody wants to say, and what their browser adds; only the words are asked for."""

    message = forms.CharField(
        label=_("What do you want to tell us?"),
        max_length=LONGEST_MESSAGE,
        widget=forms.Textarea(attrs={"rows": 7}),
        error_messages={"required": _("Write what you want to tell us.")},
    )
    page = forms.CharField(required=False, widget=forms.HiddenInput)
    screen = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-screen": ""}))
