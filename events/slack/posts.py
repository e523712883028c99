"""Posts about events in the channel that the settings name: sign-ups have opened, and people are missing soon."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from events.models import Event
from events.slack.words import linked, when
from medcover.system.models import SiteSettings
from notifications.slack import config
from notifications.slack.posting import post
from notifications.slack.registry import Payload, Post, add_posts
from notifications.slack.text import line

OPENED, SHORT = "event_opened_in_slack", "event_short_in_slack"

#: What begins within this time and lacks somebody is everybody's worry.
URGENT = timedelta(days=3)


def register() -> None:
    """Add the kinds of posts."""
    add_posts(
        Post(OPENED, gettext_lazy("Slack: sign-ups have opened"), _opened),
        Post(SHORT, gettext_lazy("Slack: people are missing soon"), _short),
    )


def tell_opened(event: Event) -> None:
    """Post that people can sign up."""
    if channel := _channel():
        _post(OPENED, event, channel, event.staffing_of_now().free)


def tell_short(event: Event, *, at: datetime) -> None:
    """Post that people are missing, where the event is near."""
    if event.start - at <= URGENT and (channel := _channel()):
        staffing = event.staffing_of_now()
        _post(SHORT, event, channel, max(0, staffing.needed_total - staffing.needed_filled))


def _channel() -> str:
    """Return where posts go; empty where there are to be none."""
    return SiteSettings.current().slack_events_channel if config.is_on() else ""


def _post(code: str, event: Event, channel: str, count: int) -> None:
    told = {"name": event.name, "address": event.address, "count": count}
    times = {"start": event.start.isoformat(), "end": event.end.isoformat()}
    post(code, {"event_id": event.pk, **told, **times}, channel=channel, topic=f"event:{event.pk}")


def _opened(payload: Payload, _mention: Any) -> str:
    free = ngettext("%d place is free", "%d places are free", payload["count"]) % payload["count"]
    return _told(":loudspeaker:", _("Sign-ups have opened"), payload, free)


def _short(payload: Payload, _mention: Any) -> str:
    missing = ngettext("%d person is missing", "%d people are missing", payload["count"]) % payload["count"]
    # The number may be there while a condition is not met.
    return _told(":hourglass:", _("People are missing soon"), payload, missing if payload["count"] else "")


def _told(sign: str, title: str, payload: Payload, *more: str) -> str:
    """Return a post; nothing when the event was called off, put away or deleted meanwhile."""
    if not Event.objects.running().not_archived().filter(pk=payload["event_id"]).exists():
        return ""
    start, end = (datetime.fromisoformat(payload[name]) for name in ("start", "end"))
    facts = [when(start, end), line(payload["address"]), *more]
    return f"{sign} *{title}*: {linked(payload['event_id'], payload['name'])}\n" + " · ".join(filter(None, facts))
