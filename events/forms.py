"""Filter form of the event list. Whatever it does not know it ignores: a shared link opens for everybody."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from events.models import Event, MasterEvent
from events.rules.lifecycle import RUNNING, Status
from medcover.common.db import one_of
from medcover.common.forms import KnownChoice, KnownChoices
from medcover.common.prepared import prepared

DEFAULT_SORT = "start"

#: What the list can be sorted by; a leading "-" turns the order round.
SORTS = {
    "name": _("Name"),
    "start": _("Time"),
    "status": _("Status"),
    "size": _("Needed people"),
    "leader": _("Responsible person"),
}


class EventFilter(forms.Form):
    """What the reader wants to see of the events.

    A group of toggles that the address does not mention has its default; mentioned without a value it is
    empty, and then no event matches. The page sends an empty value with every group for that reason.
    """

    q = forms.CharField(label=_("Search by name"), required=False)
    status = KnownChoices(label=_("Status"), choices=Status, widget=forms.CheckboxSelectMultiple)
    kind = KnownChoices(label=_("Type"), choices=Event.Kind, widget=forms.CheckboxSelectMultiple)
    for_me = forms.BooleanField(label=_("For me"), required=False)
    master = KnownChoice(label=_("Master event"), required=False)
    archived = forms.BooleanField(label=_("Show archived"), required=False)
    sort = KnownChoice(label=_("Sort by"), required=False, initial=DEFAULT_SORT)

    def __init__(self, params: QueryDict, *, reader: Any) -> None:
        self.reader = reader
        super().__init__(data=_with_defaults(params))
        if not reader.has_perm("events.view_draft_event"):
            self._offer("status", [choice for choice in Status.choices if choice[0] != Status.DRAFT])
        # Read when somebody looks at them: the entries of a calendar need no list of master events.
        self._offer("master", lambda: [("", _("All master events")), *_master_choices()])
        self._offer("sort", _sort_choices())
        self.is_valid()

    def _offer(self, name: str, choices: Any) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices if callable(choices) else list(choices)

    @property
    def order(self) -> str:
        """The key of the order in force, with its sign."""
        return str(self.cleaned_data["sort"])

    @property
    def hides_cancelled(self) -> bool:
        """Cancelled events are wanted but archived ones, which cancelled events are, are not."""
        return Status.CANCELLED in self.cleaned_data["status"] and not self.cleaned_data["archived"]

    def found(self) -> Any:
        """Return the events that match, in no particular order."""
        wanted = self.cleaned_data
        events = Event.objects.visible_to(self.reader).filter(status__in=one_of(map(Status, wanted["status"])))
        if set(wanted["kind"]) != set(Event.Kind.values):
            events = events.filter(kind__in=one_of(map(Event.Kind, wanted["kind"])))
        events = events.matching(wanted.get("q", ""))
        if not wanted["archived"]:
            events = events.not_archived()
        if wanted["for_me"]:
            events = events.joinable_by(self.reader)
        return events.filter(master_event=wanted["master"]) if wanted["master"] else events


def _with_defaults(params: QueryDict) -> QueryDict:
    data = params.copy()
    data.setlistdefault("status", sorted(RUNNING))
    data.setlistdefault("kind", list(Event.Kind.values))
    return data


def _master_choices() -> Iterable[tuple[str, str]]:
    return [(str(pk), name) for pk, name in _masters()]


@prepared()
def _masters(_p: Any) -> Any:
    return MasterEvent.objects.not_archived().values_list("pk", "name")


def _sort_choices() -> Iterable[tuple[str, Any]]:
    for key, label in SORTS.items():
        yield key, label
        yield f"-{key}", _("%(column)s, descending") % {"column": label}
