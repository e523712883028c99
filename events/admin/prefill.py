"""What the form of a new event begins with when a link says so: a copy, a template, a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.models import Event, EventTemplate
from events.rules.staffing import Mode
from events.services import copying, templates

#: Longer figures are no keys.
_LONGEST_KEY = 18


@dataclass(frozen=True)
class Prefill:
    """Title of the page, values of fields, and the plan of staffing as `create_event` takes it (or nothing)."""

    title: Promise | str
    fields: Mapping[str, Any] = field(default_factory=dict)
    staffing: Mapping[str, Any] = field(default_factory=dict)

    @property
    def initial(self) -> dict[str, Any]:
        """The values of the form's fields, the chosen way of staffing among them."""
        mode = {mode for mode in Mode if mode.value in self.staffing}
        return {**self.fields, **({"staffing_mode": mode.pop()} if mode else {})}


def prefill_of(request: HttpRequest) -> Prefill:
    """Read `copy`, `template` and `day` of the address; 404 for a source that the person may not know about."""
    asked = request.GET
    found = Prefill(_("New event"))
    if "copy" in asked:
        found = _copy(_found(Event.objects.visible_to(request.user), asked["copy"]))
    elif "template" in asked:
        if not request.user.has_perm("events.view_eventtemplate"):
            raise Http404
        found = _from_template(_found(EventTemplate.objects.all(), asked["template"]))
    day = _day(asked.get("day", ""))
    return Prefill(found.title, {**found.fields, **_on(day)}, found.staffing) if day else found


def _found(rows: Any, key: str) -> Any:
    row = rows.filter(pk=key).first() if key.isdecimal() and len(key) <= _LONGEST_KEY else None
    if row is None:
        raise Http404
    return row


def _copy(event: Event) -> Prefill:
    return Prefill(_("New event as a copy"), copying.copied_fields(event), copying.staffing_of(event))


def _from_template(template: EventTemplate) -> Prefill:
    fields, staffing = templates.fields_from(template), templates.staffing_from(template)
    return Prefill(_("New event from a template"), fields, staffing)


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _on(day: date) -> dict[str, Any]:
    """The day stands in both fields; the times are for the planner to say."""
    return {"start": [day, None], "end": [day, None]}
