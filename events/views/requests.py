"""What the views of this app know about a request."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django_htmx.middleware import HtmxDetails

from events.models import Event
from medcover.system.models import SiteSettings
from roster.models import User


class MemberRequest(HttpRequest):
    """A request of somebody who is logged in."""

    user: User
    htmx: HtmxDetails
    site_settings: SiteSettings


def visible_event(request: MemberRequest, pk: int) -> Any:
    """Return the event; one that the reader may not know about is answered like one that does not exist."""
    return get_object_or_404(Event.objects.visible_to(request.user), pk=pk)
