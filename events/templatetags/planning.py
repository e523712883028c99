"""Template filters and tags for events: days, times, links."""

from __future__ import annotations

from datetime import date, datetime
from urllib.parse import urlencode

from django import template
from django.template import Context
from django.utils import timezone

from events.models import Event
from medcover.common import formats, phones
from roster.models import User

register = template.Library()

#: A page, and on a phone an application, that finds a written address on the map.
MAP_SEARCH = "https://mapy.com/fnc/v1/search"


@register.filter
def short_day(moment: date | datetime) -> str:
    """Write the local day, for example "so 28. 11."; with the year when it is not the current one."""
    day = timezone.localtime(moment).date() if isinstance(moment, datetime) else moment
    return formats.short_day(day, with_year=day.year != timezone.localdate().year)


@register.simple_tag
def local_date(moment: datetime) -> str:
    """Write the local day as dd.mm.YYYY."""
    return f"{timezone.localtime(moment):%d.%m.%Y}"


@register.simple_tag(takes_context=True)
def event_hours(context: Context, event: Event) -> str:
    """Write from when to when, or for how long, as the reader has chosen; for beside a day."""
    reader: User = context["request"].user
    return formats.event_hours(event.start, event.end, reader.event_time_format, timezone.get_current_timezone())


@register.filter
def hours_until(start: datetime, end: datetime) -> str:
    """Write how many hours really pass from one moment to the other."""
    return formats.duration(start, end)


@register.filter
def map_url(address: str) -> str:
    """Return a link that shows the address on a map."""
    return f"{MAP_SEARCH}?{urlencode({'query': address})}"


@register.filter
def phone_in(text: str) -> str:
    """Return the number to dial when the text holds one, otherwise nothing."""
    return phones.phone_in(text)
