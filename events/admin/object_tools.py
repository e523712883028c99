"""Object tools of the event admin: links to pages for what is done rarely, such as copying or splitting it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from events import policies
from events.models import Event
from medcover.backoffice.steps import ObjectTool


def object_tools_for(user: Any, event: Event) -> list[ObjectTool]:
    """Return the pages that the person may use for this event now."""
    found = []
    if user.has_perm("events.add_event"):
        copy = reverse("admin:events_event_add", query={"copy": event.pk})
        found.append(ObjectTool(pgettext_lazy("event", "Copy"), copy, "copy"))
    if user.has_perm("events.add_eventtemplate"):
        found.append(ObjectTool(_("Save as a template"), _url(event, "save_template"), "clipboard-check"))
    if policies.may_message(user, event):
        page = reverse("events:message", args=[event.pk])
        found.append(ObjectTool(_("Write to participants"), page, "envelope"))
    if policies.may_split(user, event):
        found.append(ObjectTool(_("Split the event"), _url(event, "split"), "scissors"))
    if policies.may_repeat(user, event):
        found.append(ObjectTool(_("Create a series"), _url(event, "series"), "calendar-range"))
    if policies.may_delete(user, event):
        found.append(ObjectTool(_("Delete for good"), _url(event, "delete"), "trash", "danger"))
    return found


def _url(event: Event, page: str) -> str:
    return reverse(f"admin:events_event_{page}", args=[event.pk])
