"""What the list of needs can be narrowed by."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from debriefing.models import Need
from debriefing.need_querysets import events_asked_about, having
from debriefing.need_rules import Kind, State
from medcover.common.forms import KnownChoice
from medcover.common.text import key_in

ALL = "all"
STATES = [*State.choices, (ALL, _("All"))]


class NeedFilter(forms.Form):
    """Needs by what has become of them and by kind, perhaps of one event; bad input narrows nothing."""

    state = KnownChoice(label=_("State"), required=False, choices=STATES, initial=State.OPEN)
    kind = KnownChoice(label=_("What is needed"), required=False, choices=[("", _("All")), *Kind.choices], initial="")
    event = forms.CharField(required=False, max_length=30, widget=forms.HiddenInput)

    def __init__(self, params: QueryDict) -> None:
        super().__init__(data=params)
        self.is_valid()
        self.event_id = key_in(self.cleaned_data.get("event"))

    @property
    def is_narrowed(self) -> bool:
        """Something else was asked for than everything that is open."""
        return self.cleaned_data["state"] != State.OPEN or bool(self.cleaned_data["kind"] or self.event_id)

    def needs(self, reader: Any) -> Any:
        """Return the needs that match, as far as the reader may see them."""
        asked, found = self.cleaned_data, Need.objects.shown_to(reader)
        if asked["state"] != ALL:
            found = found.filter(state=asked["state"])
        if asked["kind"]:
            found = found.filter(kind=asked["kind"])
        return found.of_event(self.event_id) if self.event_id else found

    def events(self, reader: Any) -> Any:
        """Return the events that one of the needs is about, the latest first."""
        return events_asked_about(reader).filter(having(self.needs(reader))).select_related("master_event")
