"""Names of time zones."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


@cache
def known_zones() -> tuple[str, ...]:
    """Return the names that a site may choose from, in order."""
    return tuple(sorted(available_timezones()))


def validate_time_zone(name: str) -> None:
    """Refuse a name that is no time zone: every request would fail with it."""
    if name not in known_zones():
        raise ValidationError(_("There is no time zone of this name."))
