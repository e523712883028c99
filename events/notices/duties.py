"""The calendar that goes along with a mail: the reader's duties on the events of which something is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from events.feeds import calendar
from events.models import Assignment
from events.models.event import event_url
from medcover.common.prepared import KEY, MOMENT, UUID, prepared
from medcover.system.addresses import site_address
from medcover.system.models import SiteSettings
from notifications.models import OutboxMessage
from notifications.registry import Attachment

#: After these the reader may want the duty in their calendar, or what stands there is not true any more.
WITH_CALENDAR = frozenset({"assignment_confirmed", "event_changed", "event_cancelled", "handover_accepted"})

#: The feed's own method says that it only informs; a program must not take it for an invitation to be answered.
KIND = "text/calendar; method=PUBLISH"


@prepared(lists={"events": KEY}, person=UUID, at=MOMENT)
def _duties(p: Any) -> Any:
    return Assignment.objects.of(p.person).in_calendars(p.at).filter(event__in=p.events).in_order_of_duty()


def duties_in(messages: Sequence[OutboxMessage], reader: Any) -> list[Attachment]:
    """Return a calendar with those duties that are really the reader's at this moment; nothing when none is."""
    keys = {message.payload["event_id"] for message in messages if message.code in WITH_CALENDAR}
    if not keys:
        return []
    duties = _duties(events=keys, person=reader.pk, at=timezone.now())
    if not duties:
        return []
    zone = timezone.get_current_timezone_name()
    base = site_address(SiteSettings.current())
    found = calendar.own_duties(reader, duties, zone=zone, link=lambda key: base + event_url(key))
    return [Attachment("medcover.ics", found.decode(), KIND)]
