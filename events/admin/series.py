"""Series of events in the admin: a form for the pattern, a preview of the days, events on those chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from events import policies
from events.models import Event, EventTemplate
from events.rules.recurrence import Weekly
from events.services import copying, series
from events.services.series import Planned
from medcover.backoffice.forms import DayInput
from medcover.backoffice.mixins import SavedByService
from medcover.common import formats
from medcover.common.errors import DomainError, NotAllowed
from medcover.common.intervals import local_day


@dataclass(frozen=True)
class Plan:
    """What each event of a series is made of, as `create_event` takes it."""

    fields: Mapping[str, Any]
    staffing: Mapping[str, Any]
    source: Event | EventTemplate

    @property
    def first(self) -> date:
        """The local day from which weeks are counted."""
        return local_day(self.fields["start"], timezone.get_current_timezone())


class PatternForm(forms.Form):
    """Which days of which weeks, until when."""

    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Days of the week"),
        choices=list(WEEKDAYS.items()),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )
    interval = forms.IntegerField(
        label=gettext_lazy("Repeat every so many weeks"),
        min_value=1,
        max_value=52,
        help_text=gettext_lazy("1 = every week, 2 = every other week"),
    )
    until = forms.DateField(label=gettext_lazy("Last day"), widget=DayInput())

    def plan(self) -> Plan:
        """Return what each event of the series is made of; asked of a valid form."""
        raise NotImplementedError

    def pattern(self) -> Weekly:
        """Return the pattern, which begins on the day of the plan."""
        asked = self.cleaned_data
        return Weekly(self.plan().first, asked["until"], asked["weekdays"], asked["interval"])

    @property
    def sent(self) -> list[tuple[str, str]]:
        """Names and values as they were typed, to be sent once more with the chosen days."""
        data: Any = self.data
        return [(name, value) for name in self.fields for value in data.getlist(name)]


class RepeatForm(PatternForm):
    """A series after an event that exists."""

    def __init__(self, data: Any, plan: Plan) -> None:
        super().__init__(data, initial={"weekdays": [plan.first.weekday()], "interval": 1})
        self._plan = plan

    def plan(self) -> Plan:
        """Return what the event is made of."""
        return self._plan


def preview(form: PatternForm) -> list[Planned]:
    """Return the days that a valid form asks for; a pattern that makes no series becomes an error of the form."""
    fields = form.plan().fields
    try:
        return series.preview(fields["name"], fields["start"], fields["end"], form.pattern())
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return []


def create(request: HttpRequest, form: PatternForm) -> HttpResponseBase | None:
    """Make events on the chosen days and go to the list of them; None when the form says why not."""
    chosen = {day for text in request.POST.getlist("day") if (day := _day(text))}
    if not chosen:
        form.add_error(None, _("Choose at least one day."))
        return None
    plan, pattern = form.plan(), form.pattern()
    try:
        made = series.create_series(
            plan.fields, plan.staffing, pattern, only=chosen, source=plan.source, by=request.user, at=timezone.now()
        )
    except NotAllowed as error:
        raise PermissionDenied from error
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return None
    said = ngettext("%d event has been created as a draft.", "%d events have been created as drafts.", len(made))
    messages.success(request, said % len(made))
    found = {"q": plan.fields["name"], "time": "all"}
    return HttpResponseRedirect(reverse("admin:events_event_changelist", query=found))


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


class SeriesPage(SavedByService):
    """Admin mixin with the page that makes a series after an event."""

    def get_urls(self) -> list[URLResolver | URLPattern]:  # type: ignore[override]
        """Add the address."""
        view = self.admin_site.admin_view(self.series_view)
        return [path("<int:event_id>/series/", view, name="events_event_series"), *super().get_urls()]

    def series_view(self, request: HttpRequest, event_id: int) -> HttpResponseBase:
        """Ask for the pattern and show its days (GET), or make the events (POST)."""
        event: Event = get_object_or_404(self.get_queryset(request), pk=event_id)
        if not request.user.has_perm("events.add_event"):
            raise PermissionDenied
        if not policies.may_repeat(request.user, event):
            return self.after(request, event_id, _("The master event is archived."), level=messages.ERROR)
        form = RepeatForm(sent(request), Plan(copying.copied_fields(event), copying.staffing_of(event), event))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Create a series"),
            "row": event,
            "row_url": self.change_url(request, event_id),
            "lead": f"{event.name}, {formats.date_time(event.start, timezone.get_current_timezone())}",
            "counted": _("Weeks are counted from the week of this event."),
        }
        return answer(request, form, context)


def sent(request: HttpRequest) -> Any:
    """Return what was sent, None where the form is asked for the first time."""
    if request.method == "POST":
        return request.POST
    return request.GET if "until" in request.GET else None


def answer(request: HttpRequest, form: PatternForm, context: dict[str, Any]) -> HttpResponseBase:
    """Show form and days, or the events that were made."""
    valid = form.is_bound and form.is_valid()
    if valid and request.method == "POST" and (made := create(request, form)):
        return made
    planned = preview(form) if valid else []
    shown = {"form": form, "planned": planned, "has_free": not all(row.exists for row in planned)}
    return TemplateResponse(request, "admin/events/event/series.html", context | shown)
