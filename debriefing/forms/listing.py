"""What the list of debriefed events can be narrowed by; bad input narrows nothing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from debriefing.querysets import debriefed_events, waiting_for_somebody, with_something_to_read
from medcover.common.forms import DayInput, KnownChoice
from medcover.common.intervals import day_bounds

PENDING, NOTED = "pending", "noted"
STATES = [("", _("All")), (PENDING, _("Somebody is missing")), (NOTED, _("With a note"))]


class DebriefingFilter(forms.Form):
    """Events by the day of their start, and by what is to be done."""

    since = forms.DateField(label=_("From date"), required=False, widget=DayInput({"class": "form-control"}))
    until = forms.DateField(label=_("To date"), required=False, widget=DayInput({"class": "form-control"}))
    state = KnownChoice(label=_("State"), required=False, choices=STATES, initial="")

    @property
    def is_narrowed(self) -> bool:
        """Something was asked for that is understood."""
        return any(self._wanted().values())

    def _wanted(self) -> dict[str, Any]:
        self.is_valid()
        return {name: self.cleaned_data.get(name) for name in self.fields}

    def found(self, reader: Any) -> Any:
        """Return the completed events that match, for somebody who may read everybody's answers."""
        wanted, zone = self._wanted(), timezone.get_current_timezone()
        events = debriefed_events()
        if wanted["since"]:
            events = events.filter(start__gte=day_bounds(wanted["since"], zone)[0])
        if wanted["until"]:
            events = events.filter(start__lt=day_bounds(wanted["until"], zone)[1])
        if wanted["state"] == PENDING:
            events = events.filter(waiting_for_somebody())
        elif wanted["state"] == NOTED:
            events = events.filter(with_something_to_read(reader))
        return events
