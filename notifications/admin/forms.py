"""Forms of the catalogue page: delays, and samples."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from medcover.system.models import MOST_DELAY_MINUTES, SiteSettings
from medcover.system.services import DELAYS
from notifications import samples

_HOUR, _DAY = 60, 24 * 60


def in_words(minutes: int) -> str:
    """Return a delay in the largest unit that tells it roughly: minutes, hours or days."""
    if minutes < 2 * _HOUR:
        return ngettext("%d minute", "%d minutes", minutes) % minutes
    if minutes < 2 * _DAY:
        hours = round(minutes / _HOUR)
        return ngettext("%d hour", "%d hours", hours) % hours
    days = round(minutes / _DAY)
    return ngettext("%d day", "%d days", days) % days


def _label_of(name: str) -> Any:
    field: Any = SiteSettings._meta.get_field(name)
    return field.verbose_name


class DelaysForm(forms.Form):
    """For how many minutes news wait for more, by how far away the event is."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, site: SiteSettings) -> None:
        super().__init__(data, initial={"version": site.version})
        for name in DELAYS:
            stored = getattr(site, name)
            self.fields[name] = forms.IntegerField(
                label=_label_of(name),
                initial=stored,
                help_text=f"≈ {in_words(stored)}",
                widget=forms.NumberInput(attrs={"min": 1, "max": MOST_DELAY_MINUTES}),
                validators=[
                    MinValueValidator(1, _("A delay is at least one minute.")),
                    MaxValueValidator(MOST_DELAY_MINUTES, _("A delay is at most 20,160 minutes, which are two weeks.")),
                ],
                error_messages={
                    "required": _("Fill in the delay."),
                    "invalid": _("A delay is a whole number of minutes."),
                },
            )

    def problem(self) -> str:
        """Return the first thing that is wrong, naming its field; empty when nothing is."""
        for name, errors in self.errors.items():
            label = self.fields[name].label if name in self.fields else ""
            return f"{label}: {errors[0]}"
        return ""

    def wanted(self) -> dict[str, Any]:
        """Return the minutes by name of setting."""
        return {name: self.cleaned_data[name] for name in DELAYS}


class SampleForm(forms.Form):
    """Where samples go and what they are about."""

    to = forms.EmailField(
        label=_("Address for the sample"),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "data-remember": "sample-address"}),
    )
    about = forms.ChoiceField(label=_("Event that it is about"), required=False)
    at_once = forms.BooleanField(label=_("Send at once (without the delay)"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        about: Any = self.fields["about"]
        about.choices = samples.choices()
