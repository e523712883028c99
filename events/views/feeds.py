"""Calendar feeds: the address itself is the password, so nobody logs in here."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from events.feeds import calendar
from events.models import Assignment
from events.models.event import event_url
from events.querysets.feeds import read_announced
from medcover.system.addresses import absolute
from roster.models import User


@login_not_required
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Answer with the calendar that belongs to the token; unknown tokens and people who left are not found."""
    owner = User.objects.subscribing_with(token).first()
    if owner is None:
        raise Http404
    write = _own_duties if owner.ical_token == token else _all_events
    with translation.override(owner.language):
        body = write(request, owner)
    return _unless_known(request, body)


def _unless_known(request: HttpRequest, body: bytes) -> HttpResponse:
    """Answer with the calendar, or that the caller has it already; only the caller may keep it, and has to ask."""
    tag = quote_etag(sha256(body).hexdigest())
    headers = {
        "Content-Disposition": 'attachment; filename="medcover.ics"',
        "Cache-Control": "private, no-cache, max-age=0, must-revalidate",
        "ETag": tag,
    }
    whole = HttpResponse(body, content_type="text/calendar; charset=utf-8", headers=headers)
    return get_conditional_response(request, etag=tag, response=whole) or whole


def _own_duties(request: HttpRequest, owner: User) -> bytes:
    duties = Assignment.objects.of(owner).in_calendars(timezone.now()).in_order_of_duty()
    return calendar.own_duties(owner, duties, **_surroundings(request))


def _all_events(request: HttpRequest, owner: User) -> bytes:
    return calendar.all_events(owner, read_announced(owner, timezone.now()), **_surroundings(request))


def _surroundings(request: HttpRequest) -> dict[str, Any]:
    root = absolute(request, "")
    return {"zone": timezone.get_current_timezone_name(), "link": lambda key: root + event_url(key)}
