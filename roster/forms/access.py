"""Forms of whoever is not logged in yet, and fields that they share with the profile."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from medcover.common.text import tidy
from roster.models import User

NOT_AN_ADDRESS = _("This is not a whole e-mail address, for example jan@example.org.")


def focus_first_error(form: forms.BaseForm) -> None:
    """Set autofocus on the first field with an error."""
    for field in form.fields.values():
        field.widget.attrs.pop("autofocus", None)
    if wrong := [name for name in form.fields if name in form.errors]:
        form.fields[wrong[0]].widget.attrs["autofocus"] = True


def _address_input() -> forms.EmailInput:
    return forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True, "data-invalid": NOT_AN_ADDRESS})


class LoginForm(AuthenticationForm):
    """E-mail and password. The state of an account is told only to whoever knows its password."""

    username = forms.EmailField(
        label=_("E-mail"),
        max_length=255,
        widget=_address_input(),
    )

    #: The first one also answers a locked account and an unknown address, so that none of them can be told apart.
    error_messages = {
        "invalid_login": _(
            "The e-mail or the password is not right. "
            "After five failed attempts in a row an account is locked for 15 minutes."
        ),
        "archived": _("This account has been archived. Please contact an administrator."),
        "inactive": _("This account is waiting to be activated. Please contact an administrator."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:  # mostly it was the password
            self.fields["username"].widget.attrs.pop("autofocus")
            self.fields["password"].widget.attrs["autofocus"] = True

    def clean_username(self) -> str:
        """Return the address in the form in which accounts store it."""
        return User.objects.normalize_email(self.cleaned_data["username"])

    def confirm_login_allowed(self, user: Any) -> None:
        """Refuse accounts that may not enter; the password has been found right by now."""
        if user.is_archived:
            raise ValidationError(self.error_messages["archived"], code="archived")
        super().confirm_login_allowed(user)


class ForgottenPasswordForm(forms.Form):
    """„Zapomenuté heslo“: the address to which a link is sent, if there is an account."""

    email = forms.EmailField(
        label=_("E-mail"), max_length=255, widget=_address_input(), error_messages={"invalid": NOT_AN_ADDRESS}
    )


class ChosenPassword(forms.Form):
    """A new password and its repetition; one error at a time, in the order of the fields."""

    new = forms.CharField(
        label=_("New password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 8 characters."),
    )
    repeated = forms.CharField(
        label=_("New password again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    #: Whose password it will be, as far as that is known.
    person: Any = None

    def clean_new(self) -> str:
        """Refuse a password that is too short."""
        new = self.cleaned_data["new"]
        if not self.errors:
            validate_password(new, self.person)
        return str(new)

    def clean_repeated(self) -> str:
        """Refuse a repetition that differs."""
        repeated = self.cleaned_data["repeated"]
        if not self.errors and repeated != self.cleaned_data["new"]:
            raise ValidationError(_("The two new passwords differ."), code="mismatch")
        return str(repeated)


class NewPasswordForm(ChosenPassword):
    """The password of whoever came by a link from a mail."""

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.fields["new"].widget.attrs["autofocus"] = True


class RegistrationForm(ChosenPassword):
    """„Registrace“: the address is the one that was invited."""

    email = forms.EmailField(
        label=_("E-mail"),
        disabled=True,
        required=False,
        help_text=_("You will log in with it."),
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    name = forms.CharField(
        label=_("Full name"),
        max_length=255,
        help_text=_("Surname first, for example Novák Jan"),
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )

    field_order = ("email", "name", "new", "repeated")

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["email"] = email
        self.fields["new"].label = _("Password")
        self.fields["repeated"].label = _("Password again")

    def clean_name(self) -> str:
        """Return the name on one line; what is invisible is no name."""
        name = tidy(self.cleaned_data["name"])
        if not name:
            raise ValidationError(self.fields["name"].error_messages["required"], code="required")
        return name
