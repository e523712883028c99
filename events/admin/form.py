"""The form of an event's own fields."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.admin.modes import mode_field
from events.models import Event, MasterEvent
from events.rules import planning as rules
from events.services.responsible import leaders_among_crew
from medcover.backoffice.forms import VersionedForm, only_chosen
from roster.models import User

#: In the order in which people plan.
PLAN_FIELDS = (
    "name", "kind", "planned_participants", "master_event", "start", "end", "signups_open_at", "is_paid",
    "address", "contact", "description", "reminder_schedule",
)  # fmt: skip
MOMENTS = {"start", "end", "signups_open_at"}


class EventForm(VersionedForm):
    """Form of an event that shows every broken rule at its field; the service has the last word."""

    responsible_person = forms.ModelChoiceField(
        label=_("Responsible person"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("— Not assigned —"),
        help_text=_("Chosen among the participants who are qualified to lead."),
    )

    staffing_mode = mode_field(_("Only the part of the chosen way counts. Later the event can be converted."))

    instance: Event

    class Meta:
        model = Event
        fields = (*PLAN_FIELDS, "responsible_person")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "master_event" in self.fields:
            offered = Q(is_archived=False) | Q(pk=self.instance.master_event_id)
            self._field("master_event").queryset = MasterEvent.objects.filter(offered)
            only_chosen(self.fields["master_event"], may_add=True)
        if not self.instance.pk:
            del self.fields["responsible_person"]  # nobody is on the event yet
            return
        del self.fields["staffing_mode"]  # changing it is a step of its own
        if "responsible_person" in self.fields:
            self._field("responsible_person").queryset = possible_leaders(self.instance)

    def _field(self, name: str) -> Any:
        return self.fields[name]

    def clean(self) -> dict[str, Any]:
        """Ask the rules of planning; what the type of event does not have is forced empty."""
        cleaned = super().clean()
        if cleaned.get("kind") != rules.Kind.TRAINING:
            cleaned["planned_participants"] = None
            self.errors.pop("planned_participants", None)
        for problem in self._problems(cleaned):
            if problem.field not in self.errors:
                self.add_error(problem.field, str(problem.message))
        return cleaned

    def _problems(self, cleaned: dict[str, Any]) -> list[rules.Problem]:
        return rules.problems(
            name=cleaned.get("name") or "",
            has_master=cleaned.get("master_event") is not None,
            start=cleaned.get("start"),
            end=cleaned.get("end"),
            signups_open_at=cleaned.get("signups_open_at"),
            planned_participants=cleaned.get("planned_participants"),
        )

    def plan(self) -> dict[str, Any]:
        """Return what the planning service is to write; a moment left alone keeps its seconds."""
        untouched = MOMENTS - set(self.changed_data) if self.instance.pk else set()
        return {name: self.cleaned_data[name] for name in PLAN_FIELDS if name not in untouched}

    @property
    def names_other_leader(self) -> bool:
        """The responsible person was changed by hand."""
        return "responsible_person" in self.changed_data


def possible_leaders(event: Event) -> Any:
    """Return the participants able to lead, and whoever leads now."""
    able = leaders_among_crew(event).order_by().values("pk")
    return User.objects.filter(Q(pk__in=able) | Q(pk=event.responsible_person_id)).by_name()
