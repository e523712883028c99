"""Forms of the member pages: login, registration, passwords, and the own profile."""

from roster.forms.access import (
    ForgottenPasswordForm,
    LoginForm,
    NewPasswordForm,
    RegistrationForm,
    focus_first_error,
)
from roster.forms.profile import NoticesForm, PasswordForm, PersonalForm, PreferencesForm
from roster.forms.signature import SignatureForm

__all__ = [
    "ForgottenPasswordForm",
    "LoginForm",
    "NewPasswordForm",
    "NoticesForm",
    "PasswordForm",
    "PersonalForm",
    "PreferencesForm",
    "RegistrationForm",
    "SignatureForm",
    "focus_first_error",
]
