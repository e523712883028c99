"""Calendar feeds: the address itself is the password, so nobody logs in here."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from events.feeds import calendar
from events.models import Assignment, Event
from medcover.system.addresses import absolute
from roster.models import User


@login_not_required
@never_cache
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Answer with the calendar that belongs to the token; unknown tokens and people who left are not found."""
    owner = User.objects.subscribing_with(token).first()
    if owner is None:
        raise Http404
    write = _own_duties if owner.ical_token == token else _all_events
    with translation.override(owner.language):
        body = write(request, owner)
    return HttpResponse(
        body,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="medcover.ics"'},
    )


def _own_duties(request: HttpRequest, owner: User) -> bytes:
    duties = Assignment.objects.of(owner).binding().in_order_of_duty()
    return calendar.own_duties(owner, duties, **_surroundings(request))


def _all_events(request: HttpRequest, owner: User) -> bytes:
    events = Event.objects.visible_to(owner).announced().with_master_and_leader().with_crew().with_staffing()
    return calendar.all_events(owner, events.order_by("start", "pk"), **_surroundings(request))


def _surroundings(request: HttpRequest) -> dict[str, Any]:
    return {
        "zone": timezone.get_current_timezone_name(),
        "link": lambda event: absolute(request, event.get_absolute_url()),
    }
