"""Forms of the set-up wizard."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from medcover.common.text import tidy
from medcover.common.zones import known_zones
from medcover.system.models import SiteSettings
from roster.forms.access import NOT_AN_ADDRESS, ChosenPassword


def _not_blank(field: forms.Field, typed: str) -> str:
    """Return the text on one line; what is invisible is no name."""
    text = tidy(typed)
    if not text:
        raise ValidationError(field.error_messages["required"], code="required")
    return text


class OrganisationForm(forms.ModelForm):
    """„Organizace“."""

    time_zone = forms.ChoiceField(label=_("Time zone"), choices=lambda: [(name, name) for name in known_zones()])

    class Meta:
        model = SiteSettings
        fields = ("organisation_name", "time_zone")
        labels = {"organisation_name": _("Name of the organisation")}
        widgets = {"organisation_name": forms.TextInput(attrs={"autocomplete": "organization", "autofocus": True})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation_name"].required = True

    def clean_organisation_name(self) -> str:
        """Refuse a name that nobody could read."""
        return _not_blank(self.fields["organisation_name"], self.cleaned_data["organisation_name"])


class MailForm(forms.ModelForm):
    """„Odchozí e-mail (SMTP)“; everything may stay empty. The stored password is never shown."""

    smtp_password = forms.CharField(
        label=_("SMTP password"),
        strip=False,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    field_order = ("smtp_host", "smtp_port", "smtp_use_tls", "smtp_user", "smtp_password", "smtp_sender")
    instance: SiteSettings

    class Meta:
        model = SiteSettings
        fields = ("smtp_host", "smtp_port", "smtp_use_tls", "smtp_user", "smtp_sender")
        widgets = {"smtp_user": forms.TextInput(attrs={"autocomplete": "off"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.smtp_password_token:
            self.fields["smtp_password"].widget.attrs["placeholder"] = _("(unchanged)")


class AdministratorForm(ChosenPassword):
    """„Administrátorský účet“."""

    name = forms.CharField(
        label=_("Full name"),
        max_length=255,
        help_text=_("Surname first, for example Novák Jan"),
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=255,
        help_text=_("You will log in with it."),
        error_messages={"invalid": NOT_AN_ADDRESS},
        widget=forms.EmailInput(attrs={"autocomplete": "username", "data-invalid": NOT_AN_ADDRESS}),
    )

    field_order = ("name", "email", "new", "repeated")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new"].label = _("Password")
        self.fields["repeated"].label = _("Password again")
        if self.is_bound:  # what is wrong may be further down
            self.fields["name"].widget.attrs.pop("autofocus")

    def clean_name(self) -> str:
        """Refuse a name that nobody could read."""
        return _not_blank(self.fields["name"], self.cleaned_data["name"])
