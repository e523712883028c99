"""The requests of these views: their type, and the event or position in their address."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django_htmx.middleware import HtmxDetails

from events.models import Event, Position
from events.querysets.events import sees_drafts
from medcover.common.prepared import KEY, PreparedQuery, prepared
from medcover.system.models import SiteSettings
from roster.models import User


class MemberRequest(HttpRequest):
    """A request of somebody who is logged in."""

    user: User
    htmx: HtmxDetails
    site_settings: SiteSettings


def visible_event(request: MemberRequest, pk: int) -> Any:
    """Return the event; one that the reader may not know about is answered like one that does not exist."""
    return _found(_event, request, pk)


def visible_position(request: MemberRequest, pk: int) -> Any:
    """Return the position with its event; one of an event that the reader may not know about does not exist."""
    return _found(_position, request, pk)


def _found(asked: PreparedQuery, request: MemberRequest, pk: int) -> Any:
    with_drafts = sees_drafts(request.user)
    found = None if with_drafts is None else asked.first(with_drafts, pk=pk)
    if found is None:
        raise Http404
    return found


@prepared(pk=KEY)
def _event(p: Any, with_drafts: bool) -> Any:
    return Event.objects.visible(with_drafts=with_drafts).filter(pk=p.pk)


@prepared(pk=KEY)
def _position(p: Any, with_drafts: bool) -> Any:
    events = Event.objects.visible(with_drafts=with_drafts).order_by()
    return Position.objects.select_related("event").filter(pk=p.pk, event__in=events)
