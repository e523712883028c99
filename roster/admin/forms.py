"""The form of a person and of what they are qualified for."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminEmailInputWidget, AdminTextInputWidget
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext_lazy as _

from credentials.models import Holding, Qualification
from medcover.backoffice.forms import VersionedForm
from roster.models import User
from roster.rights import Role

#: What `services.update_person` is given from this form.
PERSONAL = ("name", "email", "phone")


class PersonForm(VersionedForm):
    """Personal data, roles and, rarely, a new password; the service has the last word."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=[(role.value, role.label) for role in Role],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Rights add up. Without any role a person can log in but sees almost nothing."),
    )
    new_password = forms.CharField(
        label=_("Set password"),
        strip=False,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "vTextField"}),
        help_text=_("At least 8 characters; empty leaves the password as it is. It ends the person's open sessions."),
    )

    instance: User

    class Meta:
        model = User
        fields = PERSONAL
        widgets = {
            "name": AdminTextInputWidget,
            "email": AdminEmailInputWidget(attrs={"class": "vTextField", "autocomplete": "off"}),
            "phone": AdminTextInputWidget(attrs={"type": "tel", "inputmode": "tel"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.created:
            self.initial["roles"] = [role.value for role in self.instance.roles]

    def validate_unique(self) -> None:
        """Say once, at its field, that an address is taken; the constraint behind it would say it again."""
        super().validate_unique()
        if "email" in self.errors:
            self.errors.pop(NON_FIELD_ERRORS, None)

    def clean_new_password(self) -> str:
        """Refuse what is too short."""
        password = str(self.cleaned_data["new_password"])
        if password:
            validate_password(password, self.instance)
        return password

    def personal(self) -> dict[str, Any]:
        """Return the personal data to be written."""
        return {name: self.cleaned_data[name] for name in PERSONAL}

    def wanted_roles(self) -> set[Role]:
        """Return the roles ticked."""
        return {Role(value) for value in self.cleaned_data["roles"]}


class HoldingForm(forms.ModelForm):
    """One qualification of the person, and until when it counts."""

    qualification = forms.ModelChoiceField(
        label=Holding._meta.get_field("qualification").verbose_name, queryset=Qualification.objects.living()
    )

    class Meta:
        model = Holding
        fields = ("qualification", "valid_until")
        widgets = {"valid_until": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}


class HoldingFormSet(BaseInlineFormSet):
    """All qualifications of one person."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Let all rows share one reading of the qualifications."""
        super().add_fields(form, index)
        if "qualification" in form.fields:
            form.fields["qualification"].widget.choices = self._choices

    @cached_property
    def _choices(self) -> list[tuple[Any, str]]:
        return [("", "---------"), *Qualification.objects.living().values_list("pk", "name")]

    def wanted(self) -> dict[int, date | None]:
        """Return what the person is to hold: key of the qualification → last valid day."""
        kept = [form.cleaned_data for form in self.forms if form.cleaned_data and form not in self.deleted_forms]
        return {row["qualification"].pk: row["valid_until"] for row in kept if row.get("qualification")}
