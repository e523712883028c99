"""Forms of the second factor: its set-up, and codes at login."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class FreshInput(forms.TextInput):
    """Input that comes back empty: a code that was refused is of no further use."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Leave out what was typed."""
        return super().get_context(name, None, attrs)


class CodeForm(forms.Form):
    """Six digits from the app."""

    code = forms.CharField(
        label=_("Code from the app"),
        max_length=16,
        widget=FreshInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        help_text=_("Six digits; a new code appears every 30 seconds."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            self.fields["code"].widget.attrs["autofocus"] = True


class SecondStepForm(CodeForm):
    """Code form that takes the focus, because nothing else on its page has to be looked at first."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["autofocus"] = True


class RecoveryCodeForm(forms.Form):
    """One of the codes kept for the day the phone is gone."""

    recovery_code = forms.CharField(
        label=_("Recovery code"),
        max_length=32,
        widget=FreshInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "autocorrect": "off"}
        ),
        help_text=_("Each code works once."),
    )


class PasswordAgainForm(forms.Form):
    """The own password, before something that protects the account changes; failures count towards the lock."""

    current = forms.CharField(
        label=_("Current password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_current(self) -> str:
        """Refuse anything but the person's password."""
        current = str(self.cleaned_data["current"])
        if authenticate(self.request, username=self.request.user.get_username(), password=current) is None:
            raise ValidationError(
                _(
                    "This is not your current password. "
                    "After five failed attempts in a row an account is locked for 15 minutes."
                ),
                code="wrong_current",
            )
        return current
