"""How an event is written in Slack."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medcover.common import formats
from medcover.common.formats import EventTimeStyle
from medcover.system.addresses import site_address
from medcover.system.models import SiteSettings
from notifications.slack.registry import Caller, Say
from notifications.slack.text import LOCKED, line

NO_ACCOUNT = _("There is no active account with the e-mail that you have in Slack.")


def no_account() -> Say:
    """Say that nobody knows who asks."""
    return Say(f"{LOCKED} {NO_ACCOUNT}")


def style_of(caller: Caller) -> int:
    """Return how the caller wants to read times."""
    style: int = caller.account.event_time_format
    return style


def linked(key: int, name: str) -> str:
    """Return the name of an event as a link to its page."""
    address = f"{site_address(SiteSettings.current())}{reverse('events:detail', args=[key])}"
    return f"<{address}|{line(name).replace('|', '∣')}>"


def when(start: datetime, end: datetime, style: int = EventTimeStyle.RANGE) -> str:
    """Return day and time."""
    zone = timezone.get_current_timezone()
    day = formats.short_day(start.astimezone(zone).date(), with_year=False)
    return f"{day} {formats.event_hours(start, end, style, zone)}"
