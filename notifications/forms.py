"""Forms of the member pages about notifications in browsers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms

from medcover.common.forms import KnownChoices
from notifications import registry
from notifications.models import NotificationSwitch, PushChoice
from notifications.registry import NoticeType


@dataclass(frozen=True)
class PushWish:
    """One line of the choices: the notification, whether the person wishes it, and whether the site sends it at all."""

    notice: NoticeType
    is_wanted: bool
    is_sent: bool


class PushChoicesForm(forms.Form):
    """Which notifications the person wishes to get in their browsers.

    `shown` holds what the page offered, so that a type that appears in the meantime is not declined unseen.
    """

    shown = KnownChoices(required=False)
    wanted = KnownChoices(required=False)

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        off, decided = NotificationSwitch.objects.codes_off(), PushChoice.objects.of(person.pk)
        self.wishes = [
            PushWish(notice, decided.get(notice.code, notice.by_push), notice.always_on or notice.code not in off)
            for notice in registry.by_push_for(person.role_names)
        ]
        choosable = [(wish.notice.code, wish.notice.name) for wish in self.wishes if wish.is_sent]
        fields: dict[str, Any] = self.fields
        fields["shown"].choices = fields["wanted"].choices = choosable

    def decided(self) -> dict[str, bool]:
        """Return what the person has decided: code → whether they wish it."""
        return {code: code in self.cleaned_data["wanted"] for code in self.cleaned_data["shown"]}
