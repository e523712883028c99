"""Forms of the member pages about oneself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from medcover.common.forms import KnownChoices, VersionField
from medcover.common.phones import normalise_phone
from medcover.common.slack_channels import as_handle
from medcover.common.text import tidy
from notifications import registry
from notifications.models import NotificationSwitch, OptOut
from notifications.registry import NoticeType
from notifications.slack import config as slack_config
from roster.forms.access import ChosenPassword
from roster.models import User

HORIZON_DAYS = (1, 365)
DEFAULT_HORIZON = 30


class AccountForm(forms.ModelForm):
    """A part of the own account; `changes()` is what its service is to write."""

    version = VersionField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = self.instance.version

    def changes(self) -> dict[str, Any]:
        """Return the values of the account's fields that were really changed in this form."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name != "version"}


class PersonalForm(AccountForm):
    """„Osobní údaje“: the name only for those who may change it, the e-mail never."""

    class Meta:
        model = User
        fields = ("name", "email", "phone", "slack_handle")
        labels = {"name": pgettext_lazy("person", "Name"), "email": _("E-mail"), "phone": _("Phone")}
        help_texts = {
            "slack_handle": _(
                "Optional. When filled in, posts about repairs that you work on call you in Slack, and the link to a "
                "new password comes there as well. Slack has to know you by the e-mail above."
            )
        }

    def __init__(self, *args: Any, may_rename: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, email, phone = (self.fields[key] for key in ("name", "email", "phone"))
        if not slack_config.is_on():
            del self.fields["slack_handle"]
        name.disabled, email.disabled = not may_rename, True
        name.widget.attrs["autocomplete"] = "name"
        if name.disabled:
            name.help_text = _("An administrator can change your name.")
        email.help_text = _("You log in with it. An administrator can change it.")
        phone.widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "maxlength": 50})
        phone.help_text = _("Optional. For example 777 123 456; from abroad with +.")

    def clean_name(self) -> str:
        """Return the name on one line."""
        name = tidy(self.cleaned_data["name"])
        if not name:
            raise ValidationError(self.fields["name"].error_messages["required"], code="required")
        return name

    def clean_phone(self) -> str:
        """Return the number as typed, without outer spaces."""
        return normalise_phone(self.cleaned_data["phone"])

    def clean_slack_handle(self) -> str:
        """Return it as it is shown, with its sign."""
        return as_handle(self.cleaned_data["slack_handle"])


class HorizonField(forms.IntegerField):
    """A number of days that is never wrong: out of range is clamped, not a number is the default."""

    def clean(self, value: Any) -> int:
        """Return days between 1 and 365."""
        least, most = HORIZON_DAYS
        try:
            return max(least, min(most, int(str(value).strip())))
        except ValueError:
            return DEFAULT_HORIZON


class CalendarViewField(forms.ChoiceField):
    """A view of the calendar; an unknown one is the list."""

    def clean(self, value: Any) -> str:
        """Return one of the known views."""
        return value if value in User.CalendarView.values else User.CalendarView.LIST


class PreferencesForm(AccountForm):
    """„Nastavení“: how the pages look and what they begin with."""

    calendar_view = CalendarViewField(label=_("Default calendar view"), choices=User.CalendarView.choices)
    dashboard_horizon = HorizonField(
        label=_("Dashboard horizon (days)"),
        min_value=HORIZON_DAYS[0],
        max_value=HORIZON_DAYS[1],
        help_text=_("How far ahead the dashboard looks, 1 to 365 days."),
    )
    event_time_format = forms.TypedChoiceField(
        label=_("Format of event times"),
        coerce=int,
        choices=[
            (User.TimeFormat.DURATION, _("start and duration – Thu 20:00 (5.5 h)")),
            (User.TimeFormat.RANGE, _("start–end – Thu 20:00–01:30")),
        ],
    )
    #: The header's switch may have changed it since this page was opened, so "changed" means changed in this form.
    theme = forms.ChoiceField(
        label=_("Dark mode"),
        show_hidden_initial=True,
        choices=[
            (User.Theme.AUTO, _("like the device")),
            (User.Theme.LIGHT, pgettext_lazy("dark mode", "off")),
            (User.Theme.DARK, pgettext_lazy("dark mode", "on")),
        ],
    )

    class Meta:
        model = User
        fields = ("calendar_view", "dashboard_horizon", "event_time_format", "reminder_hours", "theme", "language")
        labels = {"language": _("Language"), "reminder_hours": _("Reminder of a duty")}
        help_texts = {
            "reminder_hours": _(
                "When the mail about a coming duty is sent; it can be switched off among notifications."
            )
        }


@dataclass(frozen=True)
class Wish:
    """One line of „Oznámení“: the notification, whether the person wishes it, and whether the site sends it at all."""

    notice: NoticeType
    is_wanted: bool
    is_sent: bool


class NoticesForm(forms.Form):
    """„Oznámení“: which optional notifications the person wishes to get.

    `shown` holds what the page offered, so that a type that appears in the meantime is not declined unseen.
    """

    version = VersionField()
    shown = KnownChoices(required=False)
    wanted = KnownChoices(required=False)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = registry.optional_for(person.role_names)
        off, declined = NotificationSwitch.objects.codes_off(), OptOut.objects.codes_of(person.pk)
        self.initial["version"] = person.version
        self.wishes = [Wish(notice, notice.code not in declined, notice.code not in off) for notice in offered]
        choosable = [(wish.notice.code, wish.notice.name) for wish in self.wishes if wish.is_sent]
        fields: dict[str, Any] = self.fields
        fields["shown"].choices = fields["wanted"].choices = choosable

    def decided(self) -> dict[str, bool]:
        """Return what the person has decided: code → whether they wish it."""
        return {code: code in self.cleaned_data["wanted"] for code in self.cleaned_data["shown"]}


class PasswordForm(ChosenPassword):
    """„Změna hesla“: one error at a time – the current password, then the new one, then its repetition."""

    current = forms.CharField(
        label=_("Current password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    field_order = ("current", "new", "repeated")

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_current(self) -> str:
        """Refuse anything but the person's password."""
        current = self.cleaned_data["current"]
        if not self.person.check_password(current):
            raise ValidationError(_("This is not your current password."), code="wrong_current")
        return str(current)
